/** Import and export of Nova's configuration, compared with the real Nova. */
package io.pciplacement.novaconf;
