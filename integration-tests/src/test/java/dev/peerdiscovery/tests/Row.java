package dev.peerdiscovery.tests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which rows of the table of bad inputs and faults a test shows; {@link RowsTest} lists them. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Row {
  /** The rows' numbers, 1 to 70. */
  int[] value();
}
