using System.Net.Security;
using KisFeed.Gateway.Certificates;
using KisFeed.Hosting;

namespace KisFeed.Cli.Options;

/// <summary>The client certificate for a server that requires one, such as a gateway with <c>--client-ca</c>.</summary>
internal sealed class ClientCertificateOptions
{
    private const string PasswordVariable = "KISFEED_CLIENT_CERTIFICATE_PASSWORD";

    private readonly ValueOption<string?> _certificate = new("--client-certificate", "FILE",
        $"Present this certificate, PEM or PFX, to a server that requires one. Set its password, if any, in {PasswordVariable}, or in the "
            + $"file named by {PasswordVariable}{SecretVariable.FileSuffix}.");

    private readonly ValueOption<string?> _key = new("--client-certificate-key", "FILE",
        "The private key of --client-certificate in PEM, if it is in a separate file.");

    public Option[] All => [_certificate, _key];

    public void Validate(Command command) => command.Require([_key], [_certificate]);

    public SslStreamCertificateContext? Read(CommandHost host, ParseResult arguments)
    {
        if (arguments.GetValue(_certificate) is not { } certificate)
            return null;
        try
        {
            return new CertificateFiles(
                certificate, KeyOf(arguments, certificate), SecretVariable.Read(host.Variable, PasswordVariable).Value)
                .Load().Context;
        }
        catch (KisFeedConfigurationException e)
        {
            throw new CommandException($"{_certificate.Name} cannot be used: {e.Message}", e);
        }
    }

    // A PEM file may hold both certificate and key.
    private string? KeyOf(ParseResult arguments, string certificate) =>
        arguments.GetValue(_key)
        ?? (Path.GetExtension(certificate).Equals(".pem", StringComparison.OrdinalIgnoreCase) ? certificate : null);
}
