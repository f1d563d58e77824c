using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// Approval keys in a file that its owner alone can read. It is replaced as a whole, so that readers need no lock and never see half of it; who
/// replaces it holds a lock file, so that no writer undoes what another wrote. Nothing that is wrong with the file is an error for the caller.
/// </summary>
internal sealed class ApprovalKeyFile(string path)
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersDirectory = OwnersFile | UnixFileMode.UserExecute;
    private const int MaxBytes = 1 << 20;
    private const int LockAttempts = 100;

    private static readonly TimeSpan s_lockDelay = TimeSpan.FromMilliseconds(20);

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
            CreateDirectory();
            var guard = await LockAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = guard.ConfigureAwait(false);
            var (state, keys) = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state == ApprovalKeyFileState.Exposed)
                ApprovalKeyLog.FileExposed(logger, path);
            else if (state == ApprovalKeyFileState.Damaged)
                ApprovalKeyLog.FileDamaged(logger, path);

            foreach (var expired in keys.Where(k => !k.Value.IsValidAt(now)).Select(k => k.Key).ToList())
                keys.Remove(expired);
            change(keys);
            await ReplaceAsync(ApprovalKeyJson.Write(keys), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Interlocked.Increment(ref _failures) == 1)
                ApprovalKeyLog.FileNotWritten(logger, path, e.Message);
        }
    }

    private async Task<(ApprovalKeyFileState State, Dictionary<string, IssuedApprovalKey> Keys)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Who replaces the file need not wait for who reads it.
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var _ = stream.ConfigureAwait(false);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & ~OwnersDirectory) != UnixFileMode.None)
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

    private async Task ReplaceAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var stream = OpenOwners(temporary, FileMode.CreateNew);
            await using (stream.ConfigureAwait(false))
                await stream.WriteAsync(json, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // The operating system opens the lock file again when its holder ends, however that ends. So it is never deleted: who waits for it would hold
    // another than who comes after.
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var lockPath = $"{path}.lock";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OpenOwners(lockPath, FileMode.OpenOrCreate);
            }
            catch (IOException) when (attempt < LockAttempts && File.Exists(lockPath))
            {
                await Task.Delay(s_lockDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void CreateDirectory()
    {
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, OwnersDirectory);
    }

    // The mode is there from the beginning: at no time can anybody else open it.
    private static FileStream OpenOwners(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersFile;
        return new FileStream(path, options);
    }
}
