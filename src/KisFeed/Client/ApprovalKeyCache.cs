using System.Collections.Concurrent;

namespace KisFeed;

/// <summary>
/// Keeps approval keys in memory as long as they are valid, so that clients that come and go do not ask for a new one each time: the broker
/// issues one a second at most. Clients made from the same options share one; several options may be given the same.
/// </summary>
#pragma warning disable CA1001 // A semaphore holds nothing to dispose of as long as nobody asks for its wait handle.
public sealed class ApprovalKeyCache
#pragma warning restore CA1001
{
    // The broker's keys are valid for 24 hours; one that would end during a session's start is not used.
    private static readonly TimeSpan s_validity = TimeSpan.FromHours(23);

    private readonly ConcurrentDictionary<Holder, Issued> _keys = new();
    private readonly SemaphoreSlim _issuing = new(1, 1);

    /// <summary>The number of keys, and nothing of them.</summary>
    public override string ToString() => $"{nameof(ApprovalKeyCache)} {{ Count = {_keys.Count} }}";

    /// <summary>The key for these credentials, issued if there is none that is valid.</summary>
    internal async ValueTask<string> GetAsync(KisFeedOptions options, AppCredentials credentials, CancellationToken cancellationToken)
    {
        // One at a time: two clients that start together need one key, not two.
        await _issuing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var holder = HolderOf(options, credentials);
            var now = options.TimeProvider.GetUtcNow();
            if (_keys.TryGetValue(holder, out var kept) && now - kept.At < s_validity)
                return kept.Key;

            using var issuer = new ApprovalKeyIssuer(options, credentials);
            var key = await issuer.IssueAsync(cancellationToken).ConfigureAwait(false);
            _keys[holder] = new Issued(key, now);
            return key;
        }
        finally
        {
            _issuing.Release();
        }
    }

    /// <summary>The broker does not know this key any more: the next session needs a new one. One issued since is kept.</summary>
    internal void Forget(KisFeedOptions options, AppCredentials credentials, string key)
    {
        var holder = HolderOf(options, credentials);
        if (_keys.TryGetValue(holder, out var kept) && kept.Key.Equals(key, StringComparison.Ordinal))
            _keys.TryRemove(KeyValuePair.Create(holder, kept));
    }

    private static Holder HolderOf(KisFeedOptions options, AppCredentials credentials) => new(KisEndpoints.ApprovalOf(options), credentials.AppKey, credentials.AppSecret);

    private readonly record struct Holder(Uri Service, string AppKey, string AppSecret);

    private readonly record struct Issued(string Key, DateTimeOffset At);
}
