using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// Approval keys in a file that its owner alone can read. Nothing that is wrong with the file is an error for the caller.
/// </summary>
internal sealed class ApprovalKeyFile(string path)
{
    private const int MaxBytes = 1 << 20;

    private readonly PrivateFile _file = new(path);
    private int _failures;

    /// <summary>The key of a holder, where the file has one that is valid.</summary>
    public async Task<IssuedApprovalKey?> FindAsync(string holder, DateTimeOffset now, ILogger logger, CancellationToken cancellationToken)
    {
        var (state, keys) = await ReadAsync(cancellationToken).ConfigureAwait(false);

        // At once: nobody else is to find the keys in it, or to trust them.
        if (state is ApprovalKeyFileState.Exposed or ApprovalKeyFileState.Damaged)
            await UpdateAsync(static _ => { }, now, logger, cancellationToken).ConfigureAwait(false);
        return keys.TryGetValue(holder, out var key) && key.IsValidAt(now) ? key : null;
    }

    /// <summary>Keeps the key of a holder in place of the one before. Keys that are no longer valid go.</summary>
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
            // Not there yet, as a rule. Where it is more, it shows when the file is written.
            return (ApprovalKeyFileState.Unread, []);
        }
    }
}
