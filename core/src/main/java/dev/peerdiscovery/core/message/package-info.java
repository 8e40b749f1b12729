/**
 * What peers say to one another, as values: {@linkplain dev.peerdiscovery.core.message.Request
 * requests} and what {@linkplain dev.peerdiscovery.core.message.Outcome comes of them}, with the
 * rules that a request must keep to be answered.
 *
 * <p>Start with {@code Request}. Depends on {@code id} and {@code record}.
 */
@NullMarked
package dev.peerdiscovery.core.message;

import org.jspecify.annotations.NullMarked;
