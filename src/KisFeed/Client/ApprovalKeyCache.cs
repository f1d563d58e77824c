using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed;

/// <summary>
/// Keeps approval keys as long as they are valid, so that clients that come and go do not ask for a new one each time: the broker
/// issues one a second at most. Clients made from the same options share one; several options may be given the same. In memory alone unless made
/// by <see cref="InFile"/>.
/// </summary>
#pragma warning disable CA1001 // A semaphore holds nothing to dispose of as long as nobody asks for its wait handle.
public sealed class ApprovalKeyCache
#pragma warning restore CA1001
{
    // The broker takes one request a second; whether of each app key or of all together is not known.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Uri, long> _lastAskedAt = [];
    private readonly ConcurrentDictionary<string, IssuedApprovalKey> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _forgotten = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _issuing = new(1, 1);
    private readonly ApprovalKeyFile? _file;

    /// <summary>A cache in memory, empty.</summary>
    public ApprovalKeyCache()
    {
    }

    private ApprovalKeyCache(ApprovalKeyFile file) => _file = file;

    /// <summary>
    /// A cache that keeps the keys in a file as well, so that programs find those of the programs before them; any number of programs may use the
    /// file at the same time.
    /// </summary>
    /// <remarks>
    /// An approval key opens a session, so the file is made readable by its owner alone (mode 0600, and 0700 where its directory is missing). A file that anybody
    /// else may read or write is not trusted: a warning is logged and it is replaced, keys and all. On Windows, where files have no such mode, keep
    /// it below the user's profile. A file that is damaged is replaced; one that cannot be written is logged once, and the keys are kept in memory.
    /// App key and app secret are not in it, but a SHA-256 hash that finds their approval key.
    /// </remarks>
    /// <param name="path">The file; made when there is a key to keep. Beside it come a lock file (<c>.lock</c>) and, for a moment, temporary ones.</param>
    /// <exception cref="ArgumentException">The path is empty, or not one of a file.</exception>
    public static ApprovalKeyCache InFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Path.GetFileName(path).Length == 0)
            throw new ArgumentException($"{path} is a directory's path: name a file in it", nameof(path));
        return new ApprovalKeyCache(new ApprovalKeyFile(Path.GetFullPath(path)));
    }

    /// <summary>The number of keys in memory, and nothing of them.</summary>
    public override string ToString() => $"{nameof(ApprovalKeyCache)} {{ Count = {_keys.Count} }}";

    /// <summary>The key for these credentials, issued if there is none that is valid, or if a new one is needed.</summary>
    /// <exception cref="ApprovalKeyException">The service gave none.</exception>
    internal async ValueTask<ApprovalKey> GetAsync(KisFeedOptions options, AppCredentials credentials, bool renew, CancellationToken cancellationToken)
    {
        // One at a time: two clients that start together need one key, not two.
        await _issuing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var holder = HolderOf(options, credentials);
            var now = options.TimeProvider.GetUtcNow();
            if (!renew && _keys.TryGetValue(holder, out var kept) && kept.IsValidAt(now))
                return new ApprovalKey(kept.Key, IsFresh: false, kept.HasServerEvents);

            var logger = new RedactingLogger((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger(typeof(ApprovalKeyCache).FullName!));
            if (!renew && _file is not null && await _file.FindAsync(holder, now, logger, cancellationToken).ConfigureAwait(false) is { } found && !IsForgotten(holder, found.Key))
            {
                _keys[holder] = found;
                return new ApprovalKey(found.Key, IsFresh: false, found.HasServerEvents);
            }

            await PaceAsync(options, cancellationToken).ConfigureAwait(false);
            using var issuer = new ApprovalKeyIssuer(options, credentials);
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
    /// The broker does not know this key any more: the next session needs a new one. One issued since is kept. Waits for nothing; a file still
    /// holds the key until the new one is there.
    /// </summary>
    internal void Forget(KisFeedOptions options, AppCredentials credentials, string key)
    {
        var holder = HolderOf(options, credentials);
        _forgotten[holder] = key;
        if (_keys.TryGetValue(holder, out var kept) && kept.Key.Equals(key, StringComparison.Ordinal))
            _keys.TryRemove(KeyValuePair.Create(holder, kept));
    }

    private async ValueTask PaceAsync(KisFeedOptions options, CancellationToken cancellationToken)
    {
        var service = KisEndpoints.ApprovalOf(options);
        if (_lastAskedAt.TryGetValue(service, out var last) && s_interval - options.TimeProvider.GetElapsedTime(last) is { Ticks: > 0 } wait)
            await Task.Delay(wait, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        _lastAskedAt[service] = options.TimeProvider.GetTimestamp();
    }

    private bool IsForgotten(string holder, string key) => _forgotten.TryGetValue(holder, out var forgotten) && forgotten.Equals(key, StringComparison.Ordinal);

    // A hash, so that neither a file nor a dump of the memory has the secrets once more.
    private static string HolderOf(KisFeedOptions options, AppCredentials credentials) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{KisEndpoints.ApprovalOf(options).AbsoluteUri}\n{credentials.AppKey}\n{credentials.AppSecret}")));
}
