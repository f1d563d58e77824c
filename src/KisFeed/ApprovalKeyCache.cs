using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Approval;
using KisFeed.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed;

/// <summary>
/// Keeps approval keys while they are valid, so that a new client need not request a new one; the broker issues at most one per second.
/// Clients made from the same options share one cache, and several options can be given the same one. The cache is in memory only, unless
/// it is created by <see cref="InFile"/>.
/// </summary>
#pragma warning disable CA1001 // A semaphore needs no disposal unless its wait handle is used.
public sealed class ApprovalKeyCache
#pragma warning restore CA1001
{
    // The broker allows one request per second. Whether that is per app key or in total is not known.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Uri, long> _lastAskedAt = [];
    private readonly ConcurrentDictionary<string, IssuedApprovalKey> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _forgotten = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _issuing = new(1, 1);
    private readonly ApprovalKeyFile? _file;

    /// <summary>Creates an empty cache in memory.</summary>
    public ApprovalKeyCache()
    {
    }

    private ApprovalKeyCache(ApprovalKeyFile file) => _file = file;

    /// <summary>
    /// Creates a cache that also stores the keys in a file, so that later programs can reuse them. Any number of programs
    /// can use the file at the same time.
    /// </summary>
    /// <remarks>
    /// An approval key opens a session, so the file is created readable by its owner only (mode 0600; a missing directory is created with
    /// mode 0700). A file that other users can read or write is not trusted: a warning is logged, and the file and its keys are replaced.
    /// Windows has no such mode; keep the file inside the user's profile there. A damaged file is replaced. If the file cannot be
    /// written, this is logged once, and the keys are kept in memory. The file does not contain app key and app secret, but a SHA-256
    /// hash that identifies their approval key.
    /// </remarks>
    /// <param name="path">The file; created when the first key is stored. A lock file (<c>.lock</c>) and short-lived temporary
    /// files are created beside it.</param>
    /// <exception cref="ArgumentException">The path is empty or does not name a file.</exception>
    public static ApprovalKeyCache InFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Path.GetFileName(path).Length == 0)
            throw new ArgumentException($"{path} is the path of a directory: name a file in it", nameof(path));
        return new ApprovalKeyCache(new ApprovalKeyFile(Path.GetFullPath(path)));
    }

    /// <summary>The number of keys in memory, without any key.</summary>
    public override string ToString() => $"{nameof(ApprovalKeyCache)} {{ Count = {_keys.Count} }}";

    /// <summary>
    /// Returns the key for these credentials. Requests a new one if there is no valid key, or if the caller needs a fresh one.
    /// </summary>
    /// <exception cref="ApprovalKeyException">The service did not issue a key.</exception>
    internal async ValueTask<ApprovalKey> GetAsync(
        KisFeedOptions options, AppCredentials credentials, bool renew, CancellationToken cancellationToken)
    {
        // One request at a time: two clients that start together need one key, not two.
        await _issuing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var holder = HolderOf(options, credentials);
            var now = options.TimeProvider.GetUtcNow();
            if (!renew && _keys.TryGetValue(holder, out var kept) && kept.IsValidAt(now))
                return new ApprovalKey(kept.Key, IsFresh: false, kept.HasServerEvents);

            var logger = new RedactingLogger(
                (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(ApprovalKeyCache).FullName!));
            if (!renew
                && _file is not null
                && await _file.FindAsync(holder, now, logger, cancellationToken).ConfigureAwait(false) is { } found
                && !IsForgotten(holder, found.Key))
            {
                _keys[holder] = found;
                return new ApprovalKey(found.Key, IsFresh: false, found.HasServerEvents);
            }

            await PaceAsync(options, cancellationToken).ConfigureAwait(false);
            using var issuer = new ApprovalKeyIssuer(
                KisEndpoints.ApprovalOf(options), options.Environment, credentials, options.ClientCertificate);
            var (key, hasServerEvents) = await issuer.IssueAsync(cancellationToken).ConfigureAwait(false);
            var issued = new IssuedApprovalKey(key, now, hasServerEvents);
            _keys[holder] = issued;
            if (_file is not null)
                await _file.StoreAsync(holder, issued, now, logger, cancellationToken).ConfigureAwait(false);
            return new ApprovalKey(issued.Key, IsFresh: true, issued.HasServerEvents);
        }
        finally
        {
            _issuing.Release();
        }
    }

    /// <summary>
    /// Removes a key that the broker no longer accepts, so that the next session requests a new one. A key issued since is kept. Does not
    /// block; the file still contains the old key until the new one is stored.
    /// </summary>
    internal void Invalidate(KisFeedOptions options, AppCredentials credentials, string key)
    {
        var holder = HolderOf(options, credentials);
        _forgotten[holder] = key;
        if (_keys.TryGetValue(holder, out var kept) && kept.Key.Equals(key, StringComparison.Ordinal))
            _keys.TryRemove(KeyValuePair.Create(holder, kept));
    }

    private async ValueTask PaceAsync(KisFeedOptions options, CancellationToken cancellationToken)
    {
        var service = KisEndpoints.ApprovalOf(options);
        if (_lastAskedAt.TryGetValue(service, out var last)
            && s_interval - options.TimeProvider.GetElapsedTime(last) is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        _lastAskedAt[service] = options.TimeProvider.GetTimestamp();
    }

    private bool IsForgotten(string holder, string key) =>
        _forgotten.TryGetValue(holder, out var forgotten) && forgotten.Equals(key, StringComparison.Ordinal);

    // A hash, so that neither a file nor a memory dump contains another copy of the secrets.
    private static string HolderOf(KisFeedOptions options, AppCredentials credentials) =>
        Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{KisEndpoints.ApprovalOf(options).AbsoluteUri}\n{credentials.AppKey}\n{credentials.AppSecret}")));
}
