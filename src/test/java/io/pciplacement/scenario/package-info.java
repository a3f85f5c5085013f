/** Scenarios: directories of YAML files that describe actions on one host and the expected state. */
package io.pciplacement.scenario;
