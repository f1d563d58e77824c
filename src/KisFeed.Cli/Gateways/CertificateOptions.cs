using KisFeed.Hosting;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Cli.Gateways;

/// <summary>The options for TLS of a gateway, translated to Kestrel's configuration.</summary>
internal sealed class CertificateOptions
{
    private const string PasswordVariable = "KISFEED_GATEWAY_CERTIFICATE_PASSWORD";
    private const string Section = "Certificates:Default";

    private readonly ValueOption<string?> _certificate = new("--certificate", "FILE",
        UiText.Of(
            $"Serve TLS with this certificate, PEM or PFX. Set its password, if any, in {PasswordVariable}, or in the file named by "
                + $"{PasswordVariable}{SecretVariable.FileSuffix}. A renewed file is loaded within 5s, or at once on SIGHUP.",
            $"이 인증서(PEM 또는 PFX)로 TLS 제공. 암호가 있으면 {PasswordVariable}에, 또는 {PasswordVariable}{SecretVariable.FileSuffix}로 지정한 파일에 둡니다. 파일이 "
                + "바뀌면 5초 안에, SIGHUP을 보내면 바로 다시 읽습니다."));

    private readonly ValueOption<string?> _key = new("--certificate-key", "FILE",
        UiText.Of("The private key of --certificate in PEM, if it is in a separate file.", "--certificate의 개인 키(PEM). 다른 파일에 있을 때."));

    private readonly ValueOption<string?> _clientCa = new("--client-ca", "FILE",
        UiText.Of(
            "Require a client certificate (mTLS) issued by an authority (CA) in this PEM file. Needs --certificate. A changed file is "
                + "loaded like that of --certificate.",
            "이 PEM 파일의 기관(CA)이 발급한 클라이언트 인증서를 요구(mTLS). --certificate가 필요합니다. 파일이 바뀌면 --certificate처럼 다시 읽습니다."));

    public Option[] All => [_certificate, _key, _clientCa];

    public void Validate(Command command)
    {
        command.Require([_key], [_certificate]);
        command.Require([_clientCa], [_certificate], UiText.Of(
            ": clients present certificates over TLS only",
            ": 클라이언트 인증서는 TLS로만 받을 수 있습니다"));
    }

    /// <summary>Returns Kestrel's configuration; <see langword="null"/> if no certificate is given.</summary>
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

    /// <summary>Returns the path of the client CA; <see langword="null"/> if clients need no certificate.</summary>
    public string? ClientCaOf(ParseResult arguments) => PathOf(arguments, _clientCa);

    private static string? PathOf(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } path)
            return null;
        return File.Exists(path) ? Path.GetFullPath(path) : throw new CommandException(UiText.Of(
            $"{option.Name}: there is no file {path}",
            $"{option.Name}: {path} 파일이 없습니다"));
    }
}
