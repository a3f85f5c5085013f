/** Logging of the agent, in logfmt and without a logging framework. */
@NullMarked
package io.pciplacement.agent.log;

import org.jspecify.annotations.NullMarked;
