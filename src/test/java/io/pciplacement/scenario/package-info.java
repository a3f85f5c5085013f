/** Scenarios: folders of YAML that tell what somebody does to one host, and what must then be seen. */
package io.pciplacement.scenario;
