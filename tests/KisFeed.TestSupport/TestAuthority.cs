using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KisFeed.TestSupport;

/// <summary>A certificate authority for tests.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly HashAlgorithmName s_hash = HashAlgorithmName.SHA256;

    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Certificate = NewRequest(name, key, isAuthority: true)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
    }

    private TestAuthority(X509Certificate2 certificate) => Certificate = certificate;

    public X509Certificate2 Certificate { get; }

    /// <summary>A self-signed certificate.</summary>
    public static X509Certificate2 NewSelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return NewRequest(name, key, isAuthority: false)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>A certificate with its private key, valid for localhost and 127.0.0.1.</summary>
    public X509Certificate2 Issue(string name, DateTimeOffset? from = null, DateTimeOffset? to = null, string usage = ClientAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = NewRequest(name, key, isAuthority: false);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return Sign(request, key, from, to);
    }

    /// <summary>An intermediate authority whose certificate this one has issued.</summary>
    public TestAuthority IssueAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestAuthority(Sign(NewRequest(name, key, isAuthority: true), key, null, null));
    }

    public void Dispose() => Certificate.Dispose();

    private static CertificateRequest NewRequest(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, s_hash);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key, DateTimeOffset? from, DateTimeOffset? to)
    {
        using var signed = request.Create(
            Certificate,
            from ?? DateTimeOffset.UtcNow.AddDays(-5),
            to ?? DateTimeOffset.UtcNow.AddDays(5),
            RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
