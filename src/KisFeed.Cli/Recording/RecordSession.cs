using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Recording;

/// <summary>Gives a recorder its targets, and shows how it is getting on until it is to end. What goes wrong with connections and the disk is theirs to mend; people are told of it.</summary>
internal sealed class RecordSession(CommandHost host, KisFeedClient client, CaptureRecorder recorder, IReadOnlyList<WatchTarget> targets, IRecordingOutput output, DiskStatusReporter disk)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_countInterval = TimeSpan.FromMilliseconds(20);

    private int _refusalsTold;
    private int _confirmed;
    private volatile bool _hasBegun;

    /// <summary>Whether anything was ever registered.</summary>
    public bool HasRegistered => _confirmed > 0;

    /// <summary>Runs until there are as many frames as wanted, or it is cancelled: both are ordinary ends. All that was received by then is written.</summary>
    /// <returns>How it went.</returns>
    /// <exception cref="CommandException">A registration did not come about, none is left, or not all could be written.</exception>
    /// <exception cref="KisFeedException">The connection was lost for good; what came before is written.</exception>
    public async Task<CaptureRecorderStatus> RunAsync(long? wanted, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var showing = ShowAsync(ending);
        var telling = TellAsync(ending.Token);
        var counting = CountAsync(wanted, ending);
        CaptureRecorderStatus end;
        try
        {
            await AddAsync(ending.Token);
            _hasBegun = true;
            await Task.WhenAny(recorder.Completion, showing, Task.Delay(Timeout.Infinite, ending.Token));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The ordinary end; or nothing is left, which is told below.
        }
        finally
        {
            end = await recorder.StopAsync();
            await ending.CancelAsync();
            await Task.WhenAll(showing, telling, counting);
            Tell(end);
            await output.EndAsync(end, client.Sessions);
        }

        await RequireSuccessAsync();
        if (recorder.Refusals.Count >= targets.Count && !cancellationToken.IsCancellationRequested)
            throw new CommandException($"{NameOf(recorder.Refusals[^1])}: {recorder.Refusals[^1].Refusal.Problem}; nothing is left to record", ExitCode.Refused);
        return end;
    }

    private async Task RequireSuccessAsync()
    {
        try
        {
            await recorder.Completion;
        }
        catch (CaptureException e)
        {
            throw new CommandException(e.Message, ExitCode.DataLost);
        }
    }

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        foreach (var target in targets)
        {
            try
            {
                await recorder.AddAsync(target.Feed, target.Key, cancellationToken);
                _confirmed++;
            }
            catch (KisFeedException e) when (e is not ConnectionLostException || !client.Completion.IsCompleted)
            {
                throw new CommandException($"{target}: {e.Message}", ExitCode.Of(e));
            }
        }
    }

    private async Task ShowAsync(CancellationTokenSource ending)
    {
        await using var statuses = recorder.WatchAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        var next = statuses.MoveNextAsync().AsTask();
        while (true)
        {
            await Task.WhenAny(next, Task.Delay(s_interval, host.Time, CancellationToken.None));
            var status = recorder.Status;
            if (next.IsCompleted)
            {
                if (!await next)
                    return;
                status = statuses.Current;
                next = statuses.MoveNextAsync().AsTask();
            }

            if (status.HasEnded)
                continue;
            Tell(status);
            await output.ShowAsync(status, client.Sessions);
            if (_hasBegun && recorder.Refusals.Count >= targets.Count)
                await ending.CancelAsync();
        }
    }

    private void Tell(CaptureRecorderStatus status)
    {
        foreach (var text in disk.Take(status))
            host.Tell($"kisfeed: {text}");

        // What ends the command is told as its reason: a refusal at the start, the end of all sessions, the last refusal.
        if (!_hasBegun || client.Completion.IsCompleted)
            return;
        var refusals = recorder.Refusals;
        for (; _refusalsTold < Math.Min(refusals.Count, targets.Count - 1); _refusalsTold++)
            host.Tell($"kisfeed: {NameOf(refusals[_refusalsTold])} is recorded no more: {refusals[_refusalsTold].Refusal.Problem}");
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var news = new SessionStatusReporter(host.Time, client.Sessions.Count);
        try
        {
            await foreach (var status in client.WatchSessionsAsync(cancellationToken))
            {
                if (news.Take(status) is { } message)
                    host.Tell($"kisfeed: {message.At(host.Time.GetUtcNow())}");
            }
        }
        catch (OperationCanceledException)
        {
            // The end of recording.
        }
    }

    private async Task CountAsync(long? wanted, CancellationTokenSource ending)
    {
        while (wanted is { } count && !ending.IsCancellationRequested)
        {
            if (recorder.Status.Received >= count)
                await ending.CancelAsync();
            await Task.Delay(s_countInterval, host.Time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string NameOf(CaptureRefusal refusal) => new WatchTarget(refusal.Feed, refusal.Key).ToString();
}

/// <summary>Says in words what becomes of the disk: that it cannot be written to, that it can again, that files are gone. Each is said once.</summary>
internal sealed class DiskStatusReporter(string folder, TimeProvider time)
{
    private DateTimeOffset? _since;
    private long _lostFiles;

    /// <summary>Takes the status of the recorder, and gives what is new in it for people.</summary>
    public IEnumerable<string> Take(CaptureRecorderStatus status)
    {
        if (status.LostFiles > _lostFiles)
        {
            var more = status.LostFiles - _lostFiles;
            yield return $"{more} {(more == 1 ? "file was" : "files were")} removed from {folder} while being written; what was in there is lost, and recording goes on elsewhere";
            _lostFiles = status.LostFiles;
        }

        if (_since is null && status.Problem is { } problem)
        {
            _since = status.ProblemSince;
            yield return $"{folder} cannot be written to: {problem}; what is received waits as far as there is room, and writing is tried again until it works";
        }
        else if (_since is { } since && status.Problem is null)
        {
            _since = null;
            yield return string.Create(CultureInfo.InvariantCulture, $"{folder} is written to again after {(time.GetUtcNow() - since).TotalSeconds:0.0} s; {status.Dropped:N0} frames have been dropped so far");
        }
    }
}
