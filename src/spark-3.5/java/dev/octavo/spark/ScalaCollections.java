package dev.octavo.spark;

import java.util.Iterator;
import java.util.List;
import scala.collection.JavaConverters;

/** Scala's collections as Java's and back, as Scala 2.12 has it. */
public final class ScalaCollections {
  private ScalaCollections() {}

  /** A view of a sequence. */
  public static <T> List<T> asJava(scala.collection.Seq<T> elements) {
    return JavaConverters.seqAsJavaList(elements);
  }

  /** The same iterator. */
  public static <T> Iterator<T> asJava(scala.collection.Iterator<T> elements) {
    return JavaConverters.asJavaIterator(elements);
  }

  /** The same iterator. */
  public static <T> scala.collection.Iterator<T> asScala(Iterator<T> elements) {
    return JavaConverters.asScalaIterator(elements);
  }

  /** A copy, which is what either Scala calls a {@code Seq}. */
  public static <T> scala.collection.immutable.List<T> asScala(List<T> elements) {
    return JavaConverters.asScalaBuffer(elements).toList();
  }
}
