/** Publication of the device list and of the agent's heartbeat to the API server. */
@NullMarked
package io.pciplacement.agent.publish;

import org.jspecify.annotations.NullMarked;
