using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Wire;

namespace KisFeed.Diagnostics;

/// <summary>
/// Explains why a connection attempt failed and what to do. .NET's own messages do not say which certificate was
/// wrong, or that only one side uses TLS.
/// </summary>
internal static class ConnectFailureText
{
    /// <summary>The advice for a server that ends a TLS connection without an answer.</summary>
    public const string ClientCertificateAdvice = "It may require a client certificate: if so, present a valid one";

    private const int MostNames = 5;
    private const int LongestName = 100;

    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>Accepts the certificates that the system accepts; for others, throws an exception that says what is wrong.</summary>
    /// <exception cref="AuthenticationException">The certificate cannot be used. The message says why.</exception>
    public static RemoteCertificateValidationCallback CertificateCheckFor(string host) =>
        (_, certificate, chain, errors) => errors == SslPolicyErrors.None
            ? true
            : throw new CertificateException(DescribeCertificate(host, certificate as X509Certificate2, chain, errors));

    /// <summary>Describes why a connection to an address failed.</summary>
    public static string Describe(Uri url, Exception error)
    {
        var isSecure = url.Scheme is "https" or "wss";
        for (var e = error; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case CertificateException:
                    return e.Message;
                // The system's own words are "Resource temporarily unavailable" if no name server answers.
                case SocketException
                {
                    SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
                    or SocketError.NoRecovery
                }:
                    return $"the name {url.Host} cannot be resolved ({PrintableText.Clean(e.Message)}): check the name, "
                        + "and this machine's name servers";
                case AuthenticationException { InnerException: null } when isSecure:
                    return $"{url.Host} does not speak TLS at port {url.Port}: "
                        + $"use {(url.Scheme == "wss" ? "ws" : "http")}://, or the port where it does";
                case AuthenticationException when isSecure:
                    return $"the TLS handshake with {url.Host} failed: {(e.InnerException ?? e).Message}";
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
                    or SocketException { SocketErrorCode: SocketError.ConnectionReset }
                    when isSecure:
                    return $"{url.Host} ended the TLS connection without an answer. {ClientCertificateAdvice}";
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse }
                    or SocketException { SocketErrorCode: SocketError.ConnectionReset }
                    when !isSecure:
                    return $"{url.Host} ended the connection without an HTTP answer, as a server does that speaks TLS at port {url.Port}: "
                        + $"if it does, use {(url.Scheme == "ws" ? "wss" : "https")}://";
            }
        }

        return PrintableText.Clean((error.InnerException is HttpRequestException inner ? inner : error).Message);
    }

    private static string DescribeCertificate(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return $"{host} has no certificate";
        var flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status)
            ?? X509ChainStatusFlags.NoError;
        var problems = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            problems.Add($"it is for {NamesOf(certificate)}: connect by such a name, or give the server a certificate for {host}");
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            problems.Add(DescribeTime(certificate, chain!));
        }
        // An expired certificate is never trusted, so this is reported only for others.
        else if ((flags & Untrusted) != X509ChainStatusFlags.NoError)
        {
            var issuer = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                ? "self-signed"
                : $"issued by {Clean(certificate.Issuer)}, which is unknown here";
            problems.Add(
                $"it is not trusted, being {issuer}: if it is the right one, have this machine trust it "
                    + "(on Linux SSL_CERT_FILE=FILE or update-ca-certificates)");
        }
        if ((flags & ~(Untrusted | X509ChainStatusFlags.NotTimeValid)) is not X509ChainStatusFlags.NoError and var others)
            problems.Add($"it cannot be used ({others})");
        return $"the certificate of {host} is refused: {string.Join("; ", problems)}";
    }

    // The server's own certificate is the first of the chain; the dates of another one may be wrong.
    private static string DescribeTime(X509Certificate2 certificate, X509Chain chain)
    {
        var now = chain.ChainPolicy.VerificationTimeIgnored ? DateTime.Now : chain.ChainPolicy.VerificationTime;
        if (certificate.NotAfter < now)
            return $"it expired on {Day(certificate.NotAfter)}: renew it on the server, or set this machine's clock right";
        if (certificate.NotBefore > now)
        {
            return $"it is not valid before {Day(certificate.NotBefore)}: correct this machine's clock, or create a new certificate if "
                + "the server's clock was wrong";
        }
        return "the certificate of one of its issuers has expired: renew that";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(
                extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Select(Clean)
            .ToList();
        return names.Count switch
        {
            0 => "no host name",
            <= MostNames => string.Join(", ", names),
            _ => $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more",
        };
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // The text is written by whatever server answers there.
    private static string Clean(string text)
    {
        var plain = PrintableText.Clean(text);
        return plain.Length <= LongestName ? plain : $"{plain[..LongestName]}…";
    }

    private sealed class CertificateException(string message) : AuthenticationException(message);
}
