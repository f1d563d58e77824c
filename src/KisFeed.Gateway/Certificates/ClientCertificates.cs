using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Gateway.Files;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Certificates;

/// <summary>
/// Requires a certificate of each client (mTLS), issued by one of the authorities in a file. The system's trusted certificates and
/// revocation lists are not used, so that no handshake waits for another server. Thread-safe.
/// </summary>
internal sealed class ClientCertificates : IDisposable
{
    private const int MaxNameLength = 100;

    private static readonly Oid s_clientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action _onRefused;
    private readonly ILogger _logger;
    private readonly FileReloader<X509Certificate2Collection> _authorities;
    private readonly LogSampler _refusals;

    public ClientCertificates(string path, TimeSpan interval, TimeProvider time, Action onRefused, ILogger logger)
    {
        _path = path;
        _time = time;
        _onRefused = onRefused;
        _logger = logger;
        _refusals = new LogSampler(time);
        _authorities = new FileReloader<X509Certificate2Collection>(
            () => (CertificateFiles.StampOf(path), null), Load, problem => CertificateLog.ClientCaUnusable(logger, problem), interval,
            time);
    }

    /// <summary>Makes a new handshake require a valid certificate.</summary>
    public void Require(SslServerAuthenticationOptions handshake)
    {
        handshake.ClientCertificateRequired = true;
        handshake.AllowTlsResume = false; // A resumed session was checked when it started, possibly against another file.
        handshake.CertificateChainPolicy = NewPolicy();
        handshake.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (errors == SslPolicyErrors.None)
                return true;
            Refuse(certificate as X509Certificate2, chain);
            return false;
        };
    }

    public void Reload() => _authorities.Reload();

    /// <summary>Ends the checks of the file. The authorities stay in use.</summary>
    public void Dispose() => _authorities.Dispose();

    private X509ChainPolicy NewPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = _time.GetUtcNow().LocalDateTime,
            ApplicationPolicy = { s_clientAuthentication },
        };
        policy.CustomTrustStore.AddRange(_authorities.Current);
        return policy;
    }

    private void Refuse(X509Certificate2? certificate, X509Chain? chain)
    {
        _onRefused();
        if (_refusals.TrySample(out var skipped))
            CertificateLog.ClientRefused(_logger, Describe(certificate, chain), skipped);
    }

    private static string Describe(X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null)
            return "the client sent no certificate";
        var flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status)
            ?? X509ChainStatusFlags.NoError;
        var expires = certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"the client's certificate of {Sanitize(certificate.Subject)}, issued by {Sanitize(certificate.Issuer)} and valid until "
            + $"{expires} UTC, is not valid here ({flags})";
    }

    // A certificate may contain any text.
    private static string Sanitize(string name)
    {
        var plain = PrintableText.Clean(name);
        return plain.Length <= MaxNameLength ? plain : $"{plain[..MaxNameLength]}…";
    }

    private X509Certificate2Collection Load(X509Certificate2Collection? before)
    {
        var loaded = CertificateFiles.ReadFile(_path, CertificateFiles.ReadCertificates);
        var roots = loaded.Where(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData)).ToList();
        if (roots.Count == 0)
        {
            throw new KisFeedConfigurationException(
                $"{_path}: it contains no root certificate (one that is its own issuer); add that of the client CA");
        }
        if (before is null || !before.Select(c => c.Thumbprint).SequenceEqual(loaded.Select(c => c.Thumbprint), StringComparer.Ordinal))
            CertificateLog.ClientCaLoaded(_logger, string.Join(" or ", roots.Select(c => c.Subject)), _path);
        return loaded;
    }
}
