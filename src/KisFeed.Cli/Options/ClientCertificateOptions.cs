using System.Net.Security;
using KisFeed.Gateway.Certificates;
using KisFeed.Hosting;

namespace KisFeed.Cli.Options;

/// <summary>The client certificate for a server that requires one, such as a gateway with <c>--client-ca</c>.</summary>
internal sealed class ClientCertificateOptions
{
    private const string PasswordVariable = "KISFEED_CLIENT_CERTIFICATE_PASSWORD";

    private readonly ValueOption<string?> _certificate = new("--client-certificate", "FILE",
        UiText.Of(
            $"Present this certificate, PEM or PFX, to a server that requires one. Set its password, if any, in {PasswordVariable}, or "
                + $"in the file named by {PasswordVariable}{SecretVariable.FileSuffix}.",
            $"클라이언트 인증서를 요구하는 서버에 제시할 인증서(PEM 또는 PFX). 암호가 있으면 {PasswordVariable}에, 또는 {PasswordVariable}{SecretVariable.FileSuffix}로 "
                + "지정한 파일에 둡니다."));

    private readonly ValueOption<string?> _key = new("--client-certificate-key", "FILE",
        UiText.Of(
            "The private key of --client-certificate in PEM, if it is in a separate file.",
            "--client-certificate의 개인 키(PEM). 다른 파일에 있을 때."));

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
            throw new CommandException(UiText.Of(
                $"{_certificate.Name} cannot be used: {e.Message}",
                $"{_certificate.Name}: 쓸 수 없습니다: {e.Message}"), e);
        }
    }

    // A PEM file may hold both certificate and key.
    private string? KeyOf(ParseResult arguments, string certificate) =>
        arguments.GetValue(_key)
        ?? (Path.GetExtension(certificate).Equals(".pem", StringComparison.OrdinalIgnoreCase) ? certificate : null);
}
