using Microsoft.Extensions.Logging;

namespace KisFeed.Approval;

/// <summary>
/// Stores approval keys in a file that only its owner can read. A problem with the file is logged and never
/// reported to the caller as an error.
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

    private async Task UpdateAsync(
        Action<Dictionary<string, IssuedApprovalKey>> change, DateTimeOffset now, ILogger logger, CancellationToken cancellationToken)
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

    private async Task<(ApprovalKeyFileState State, Dictionary<string, IssuedApprovalKey> Keys)> ReadAsync(
        CancellationToken cancellationToken)
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

internal enum ApprovalKeyFileState
{
    /// <summary>The file does not exist or cannot be read.</summary>
    Unread,
    Sound,

    /// <summary>Users other than the owner can read or write the file.</summary>
    Exposed,

    /// <summary>The content is not in the expected format.</summary>
    Damaged,
}

/// <summary>The log messages of the approval key file. Event IDs are stable; no message contains a key.</summary>
internal static partial class ApprovalKeyLog
{
    [LoggerMessage(1401, LogLevel.Warning, "Users other than its owner can access {Path}: the approval keys in it are not used, "
        + "and the file is replaced by one that only its owner can access")]
    public static partial void FileExposed(ILogger logger, string path);

    [LoggerMessage(1402, LogLevel.Warning, "{Path} is damaged: the approval keys in it are not used, and the file is replaced")]
    public static partial void FileDamaged(ILogger logger, string path);

    [LoggerMessage(1403, LogLevel.Warning, "{Path} cannot be written, so approval keys are kept in memory only: {Reason}")]
    public static partial void FileNotWritten(ILogger logger, string path, string reason);
}

/// <summary>An approval key and when it was issued.</summary>
/// <param name="Key">The key. Secret.</param>
/// <param name="IssuedAt">When it was issued, by this machine's clock.</param>
/// <param name="HasServerEvents">Whether the server offers its own events to clients that request them
/// (<see cref="Wire.Control.ServerEvent"/>).</param>
internal sealed record IssuedApprovalKey(string Key, DateTimeOffset IssuedAt, bool HasServerEvents)
{
    // The broker's keys are valid for 24 hours. A key that would expire while a session starts is not used.
    private static readonly TimeSpan s_validity = TimeSpan.FromHours(23);

    // A clock that was set back slightly is no reason to request another key.
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromMinutes(1);

    public bool IsValidAt(DateTimeOffset now)
    {
        var age = now - IssuedAt;
        return age < s_validity && age > -s_clockSkew;
    }

    public override string ToString() => $"{nameof(IssuedApprovalKey)} {{ IssuedAt = {IssuedAt:O} }}";
}
