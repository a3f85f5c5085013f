@org.jspecify.annotations.NullUnmarked
package io.pciplacement.novaconf.export;
