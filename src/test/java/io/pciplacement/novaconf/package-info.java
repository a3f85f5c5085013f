/** Nova's configuration, held to what Nova itself makes of it. */
package io.pciplacement.novaconf;
