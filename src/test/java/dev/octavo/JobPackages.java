package dev.octavo;

import javax.lang.model.SourceVersion;

/** The packages of the jobs. */
public final class JobPackages {
  private JobPackages() {}

  /** The name of a job's package: the job's own, unless that is a keyword of Java. */
  public static String of(String job) {
    return SourceVersion.isKeyword(job) ? job + "s" : job;
  }
}
