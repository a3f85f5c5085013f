package io.pciplacement.cli.input;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.pci.PciAddress;
import java.util.Optional;

/** Parser of the PCI address in the arguments of a command; the domain 0000 may be omitted. */
public final class AddressArgumentParser {

    private AddressArgumentParser() {}

    /** Returns the address; empty if the argument is none, or has a domain of more than four digits. */
    public static Optional<PciAddress> parse(String argument) {
        return PciAddress.parse(argument).or(() -> PciAddress.parse("0000:" + argument));
    }

    /** @throws CliException if the argument is no address */
    public static PciAddress require(String argument) {
        return parse(argument).orElseThrow(() -> new CliException(ExitCode.USAGE, describeError(argument)));
    }

    /** Describes an argument that is not an address. */
    public static String describeError(String argument) {
        return "'%s' is not a PCI address such as 0000:81:00.1".formatted(argument);
    }
}
