using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Approval;
using RabbitMQ.Client;

namespace KisFeed.RabbitMq.Connecting;

/// <summary>
/// Opens connections to the nodes of a cluster, in turn, beginning with any of them, so that connections are
/// spread over the nodes. Not thread-safe.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="name">The name of the connections, which the cluster shows.</param>
internal sealed class ClusterConnector(RabbitMqClusterOptions options, string name)
{
    private int _next = Random.Shared.Next(options.Nodes.Count);

    /// <summary>The node of the last attempt, without user and password.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Connects to the next node.</summary>
    /// <exception cref="TimeoutException">The node did not answer in time.</exception>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var node = options.Nodes[_next++ % options.Nodes.Count];
        Address = RabbitMqClusterOptions.AddressOf(node);
        var factory = FactoryFor(node);

        // A peer that accepts the connection and stays silent is not always noticed by the library.
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connecting = factory.CreateConnectionAsync(name, attempt.Token);
        try
        {
            return await connecting.WaitAsync(options.ConnectTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await attempt.CancelAsync().ConfigureAwait(false);
            _ = connecting.ContinueWith(
                static late => DisposeLateAsync(late), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (e is TimeoutException)
                throw new TimeoutException($"{Address} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s", e);
            throw;
        }
    }

    private static async Task DisposeLateAsync(Task<IConnection> late)
    {
        if (late.IsCompletedSuccessfully)
            await (await late.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        else
            _ = late.Exception;
    }

    /// <summary>Returns the settings of a connection to a node.</summary>
    /// <exception cref="RabbitMqException">The password file is empty, or other users can read it.</exception>
    internal ConnectionFactory FactoryFor(Uri node)
    {
        var factory = new ConnectionFactory
        {
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = options.ConnectTimeout,
            HandshakeContinuationTimeout = options.ConnectTimeout,
            ContinuationTimeout = options.ConnectTimeout,

            // The library quotes a user and a password that it cannot read in its exception.
            Uri = new UriBuilder(node) { UserName = "", Password = "" }.Uri,
        };
        if (node.UserInfo.Length > 0)
        {
            var parts = node.UserInfo.Split(':', 2);
            factory.UserName = Uri.UnescapeDataString(parts[0]);
            factory.Password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : ConnectionFactory.DefaultPass;
        }
        else
        {
            factory.UserName = options.UserName;
            factory.Password = options.PasswordFile is null ? ConnectionFactory.DefaultPass : ReadPassword(options.PasswordFile);
        }

        if (!factory.Ssl.Enabled)
            return factory;

        // For amqps, the library accepts certificates of other hosts.
        factory.Ssl.ServerName = node.IdnHost;
        factory.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        if (options.CertificateAuthorityFile is { } authorities)
            factory.Ssl.CertificateValidationCallback = ValidatorFor(authorities);
        return factory;
    }

    private static string ReadPassword(string path)
    {
        using var stream = new PrivateFile(path).OpenRead();
        if (PrivateFile.ExposureOf(stream) is not null)
            throw new RabbitMqException($"{path} can be read by other users: give it the mode 600");
        using var reader = new StreamReader(stream);
        return reader.ReadLine() is { Length: > 0 } password
            ? password
            : throw new RabbitMqException($"{path} is empty: write the password into its first line");
    }

    private static RemoteCertificateValidationCallback ValidatorFor(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return (_, certificate, _, errors) =>
        {
            if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
                return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            using var copy = new X509Certificate2(certificate);
            return chain.Build(copy);
        };
    }
}
