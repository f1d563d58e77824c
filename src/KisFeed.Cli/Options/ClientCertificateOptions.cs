using System.CommandLine;
using System.Net.Security;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
using KisFeed.Hosting;

namespace KisFeed.Cli.Options;

/// <summary>The certificate that is presented to a server which requires one, such as a gateway with <c>--client-ca</c>.</summary>
internal sealed class ClientCertificateOptions
{
    private const string PasswordVariable = "KISFEED_CLIENT_CERTIFICATE_PASSWORD";

    private readonly Option<string?> _certificate = new("--client-certificate")
    {
        Description = $"Present this certificate, PEM or PFX, to a server that requires one. Its password, if it has one, is in {PasswordVariable}, or in the file that {PasswordVariable}{SecretVariable.FileSuffix} names.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--client-certificate-key") { Description = "--client-certificate: its private key in PEM, where that is a file of its own.", HelpName = "FILE" };

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(_certificate);
        verb.Add(_key);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(_key) is not null && result.GetValue(_certificate) is null)
                result.AddError($"{_key.Name} is for {_certificate.Name}.");
        });
    }

    /// <summary>The certificate with its chain; <see langword="null"/> where there is none.</summary>
    /// <exception cref="CommandException">A file cannot be used.</exception>
    public SslStreamCertificateContext? Read(CommandHost host, ParseResult arguments)
    {
        if (arguments.GetValue(_certificate) is not { } certificate)
            return null;
        try
        {
            return new CertificateFiles(certificate, KeyOf(arguments, certificate), SecretVariable.Read(host.Variable, PasswordVariable).Value).Load().Context;
        }
        catch (KisFeedConfigurationException e)
        {
            throw new CommandException($"{_certificate.Name} cannot be used: {e.Message}", e);
        }
    }

    // A PEM file may hold certificate and key both.
    private string? KeyOf(ParseResult arguments, string certificate) =>
        arguments.GetValue(_key) ?? (Path.GetExtension(certificate).Equals(".pem", StringComparison.OrdinalIgnoreCase) ? certificate : null);
}
