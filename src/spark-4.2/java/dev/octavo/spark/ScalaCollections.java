package dev.octavo.spark;

import java.util.Iterator;
import java.util.List;
import scala.jdk.javaapi.CollectionConverters;

/** Scala's collections as Java's and back, as Scala 2.13 has it. */
public final class ScalaCollections {
  private ScalaCollections() {}

  /** A view of a sequence. */
  public static <T> List<T> asJava(scala.collection.Seq<T> elements) {
    return CollectionConverters.asJava(elements);
  }

  /** The same iterator. */
  public static <T> Iterator<T> asJava(scala.collection.Iterator<T> elements) {
    return CollectionConverters.asJava(elements);
  }

  /** The same iterator. */
  public static <T> scala.collection.Iterator<T> asScala(Iterator<T> elements) {
    return CollectionConverters.asScala(elements);
  }

  /** A copy, which is what either Scala calls a {@code Seq}. */
  public static <T> scala.collection.immutable.List<T> asScala(List<T> elements) {
    return CollectionConverters.asScala(elements).toList();
  }
}
