/** Settings of the agent, from its environment. */
@NullMarked
package io.pciplacement.agent.settings;

import org.jspecify.annotations.NullMarked;
