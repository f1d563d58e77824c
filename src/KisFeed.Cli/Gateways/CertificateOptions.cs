using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Hosting;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Cli.Gateways;

/// <summary>The certificate of a gateway that speaks TLS, as Kestrel's configuration has it.</summary>
internal sealed class CertificateOptions
{
    private const string PasswordVariable = "KISFEED_GATEWAY_CERTIFICATE_PASSWORD";
    private const string Section = "Certificates:Default";

    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = $"Speak TLS with this certificate: PEM or PFX. Its password, if it has one, is in {PasswordVariable}, or in the file that {PasswordVariable}{SecretVariable.FileSuffix} names. A renewed file is picked up within 5s, or at once on SIGHUP.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--certificate-key") { Description = "--certificate: its private key in PEM, where that is a file of its own.", HelpName = "FILE" };

    private readonly Option<string?> _clientCa = new("--client-ca")
    {
        Description = "Require a certificate of every client (mTLS), issued by an authority (CA) in this PEM file. Needs --certificate. A changed file is picked up as --certificate is.",
        HelpName = "FILE",
    };

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_certificate);
        command.Add(_key);
        command.Add(_clientCa);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_key) is not null && result.GetValue(_certificate) is null)
                result.AddError($"{_key.Name} is for {_certificate.Name}.");
            if (result.GetValue(_clientCa) is not null && result.GetValue(_certificate) is null)
                result.AddError($"{_clientCa.Name} needs {_certificate.Name}: clients present certificates over TLS only.");
        });
    }

    /// <summary>Kestrel's configuration; <see langword="null"/> where there is no certificate.</summary>
    /// <exception cref="CommandException">A file is not there.</exception>
    /// <exception cref="KisFeedConfigurationException">The password cannot be read.</exception>
    public IConfiguration? Read(ParseResult arguments, CommandHost host)
    {
        if (PathOf(arguments, _certificate) is not { } certificate)
            return null;
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [$"{Section}:Path"] = certificate,
            [$"{Section}:KeyPath"] = PathOf(arguments, _key),
            [$"{Section}:Password"] = SecretVariable.Read(host.Variable, PasswordVariable).Value,
        };
        return new ConfigurationBuilder().AddInMemoryCollection(values.Where(value => value.Value is not null)).Build();
    }

    /// <summary>The path of the client CA; <see langword="null"/> where clients need no certificate.</summary>
    /// <exception cref="CommandException">The file is not there.</exception>
    public string? ClientCaOf(ParseResult arguments) => PathOf(arguments, _clientCa);

    private static string? PathOf(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } path)
            return null;
        return File.Exists(path) ? Path.GetFullPath(path) : throw new CommandException($"{option.Name}: there is no file {path}");
    }
}
