using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// Stores approval keys in a file that only its owner can read. A problem with the file is logged and never reported to the caller as an error.
/// </summary>
internal sealed class ApprovalKeyFile(string path)
{
    private const int MaxBytes = 1 << 20;

    private readonly PrivateFile _file = new(path);
    private int _failures;

    /// <summary>Returns the key of a holder, if the file contains a valid one.</summary>
    public async Task<IssuedApprovalKey?> FindAsync(string holder, DateTimeOffset now, ILogger logger, CancellationToken cancellationToken)
    {
        var (state, keys) = await ReadAsync(cancellationToken).ConfigureAwait(false);

        // Replaced immediately, so that nobody else can read or trust the keys in it.
        if (state is ApprovalKeyFileState.Exposed or ApprovalKeyFileState.Damaged)
            await UpdateAsync(static _ => { }, now, logger, cancellationToken).ConfigureAwait(false);
        return keys.TryGetValue(holder, out var key) && key.IsValidAt(now) ? key : null;
    }

    /// <summary>Stores the key of a holder in place of the previous one and removes expired keys.</summary>
    public Task StoreAsync(string holder, IssuedApprovalKey key, DateTimeOffset now, ILogger logger, CancellationToken cancellationToken) =>
        UpdateAsync(keys => keys[holder] = key, now, logger, cancellationToken);

    private async Task UpdateAsync(Action<Dictionary<string, IssuedApprovalKey>> change, DateTimeOffset now, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            var guard = await _file.LockAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = guard.ConfigureAwait(false);
            var (state, keys) = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state == ApprovalKeyFileState.Exposed)
                ApprovalKeyLog.FileExposed(logger, _file.Path);
            else if (state == ApprovalKeyFileState.Damaged)
                ApprovalKeyLog.FileDamaged(logger, _file.Path);

            foreach (var expired in keys.Where(k => !k.Value.IsValidAt(now)).Select(k => k.Key).ToList())
                keys.Remove(expired);
            change(keys);
            await _file.ReplaceAsync(ApprovalKeyJson.Write(keys), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Interlocked.Increment(ref _failures) == 1)
                ApprovalKeyLog.FileNotWritten(logger, _file.Path, e.Message);
        }
    }

    private async Task<(ApprovalKeyFileState State, Dictionary<string, IssuedApprovalKey> Keys)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = _file.OpenRead();
            await using var _ = stream.ConfigureAwait(false);
            if (PrivateFile.ExposureOf(stream) is not null)
                return (ApprovalKeyFileState.Exposed, []);
            if (stream.Length > MaxBytes)
                return (ApprovalKeyFileState.Damaged, []);
            var json = new byte[stream.Length];
            await stream.ReadExactlyAsync(json, cancellationToken).ConfigureAwait(false);
            return ApprovalKeyJson.TryRead(json) is { } keys ? (ApprovalKeyFileState.Sound, keys) : (ApprovalKeyFileState.Damaged, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Usually the file does not exist yet. Any other problem is reported when the file is written.
            return (ApprovalKeyFileState.Unread, []);
        }
    }
}

/// <summary>The state of the file of approval keys.</summary>
internal enum ApprovalKeyFileState
{
    /// <summary>The file does not exist or cannot be read.</summary>
    Unread,

    /// <summary>The keys in the file can be used.</summary>
    Sound,

    /// <summary>Users other than the owner can read or write the file.</summary>
    Exposed,

    /// <summary>The content is not in the expected format.</summary>
    Damaged,
}
