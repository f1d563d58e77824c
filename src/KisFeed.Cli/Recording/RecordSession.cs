using KisFeed.Capture;
using KisFeed.Cli.Watching;
using KisFeed.Session;

namespace KisFeed.Cli.Recording;

/// <summary>
/// Adds the targets to a recorder and shows its status until the end. The client and the recorder handle failures of connections and
/// the disk; this class reports them.
/// </summary>
/// <param name="host">The process.</param>
/// <param name="client">The client.</param>
/// <param name="recorder">The recorder.</param>
/// <param name="targets">What to record.</param>
/// <param name="output">Shows the status.</param>
/// <param name="disk">Reports problems of the disk.</param>
/// <param name="retry">The delays between attempts to register a target that the service cannot register now;
/// <see langword="null"/> to fail instead.</param>
internal sealed class RecordSession(
    CommandHost host, KisFeedClient client, CaptureRecorder recorder, IReadOnlyList<WatchTarget> targets, Output<RecordingStatus> output,
    DiskStatusReporter disk, ReconnectPolicy? retry = null)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_countInterval = TimeSpan.FromMilliseconds(20);

    // How many refusals of each target AddAsync retried: each is an exception there, and an item of the recorder some time later. All
    // others are of targets that were registered before. Read only after AddAsync has ended.
    private readonly Dictionary<(FeedSchema Feed, string Key), int> _refusalsAtStart = [];
    private readonly Dictionary<(FeedSchema Feed, string Key), int> _refusalsOf = [];
    private int _refusalsSeen;
    private int _refusalsReported;
    private int _confirmed;
    private volatile bool _hasBegun;

    public bool HasBegun => _hasBegun;

    public bool HasRegistered => _confirmed > 0;

    private bool IsNoneLeft => recorder.Refusals.Count - _refusalsAtStart.Values.Sum() >= targets.Count;

    /// <summary>
    /// Runs until it has received enough frames or is cancelled: both are normal ends. Everything received until then is written.
    /// </summary>
    /// <returns>The final status.</returns>
    public async Task<CaptureRecorderStatus> RunAsync(long? wanted, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var showing = ShowAsync(ending);
        var reporting = SessionStatusReporter.RunAsync(host, client, message => message.WriteTo(host), ending.Token);
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
            // The normal end, or no target is left, which is reported below.
        }
        finally
        {
            end = await recorder.StopAsync();
            await ending.CancelAsync();
            await Task.WhenAll(showing, reporting, counting);
            ReportProblems(end);
            await WriteAsync(end);
        }

        await RequireSuccessAsync();
        if (IsNoneLeft && !cancellationToken.IsCancellationRequested)
        {
            var last = recorder.Refusals[^1];
            throw new CommandException(
                UiText.Of(
                    $"{NameOf(last)}: {last.Refusal.Problem}; no target is left to record",
                    $"{NameOf(last)}: {LibraryText.Of(last.Refusal.Problem)}. 기록할 것이 남아 있지 않습니다"),
                ExitCode.Refused);
        }
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
                await AddAsync(target, cancellationToken);
                _confirmed++;
            }
            catch (KisFeedException e) when (e is not ConnectionLostException || !client.Completion.IsCompleted)
            {
                throw new CommandException($"{target}: {FailureText.Of(e)}", ExitCode.Of(e));
            }
        }
    }

    private async Task AddAsync(WatchTarget target, CancellationToken cancellationToken)
    {
        for (var refusals = 0; ; refusals++)
        {
            TimeSpan delay;
            try
            {
                await recorder.AddAsync(target.Feed, target.Key, cancellationToken);
                return;
            }
            catch (KisFeedException e)
                when (retry is not null
                    && e is SubscribeTimeoutException or SubscribeRefusedException { Code.Meaning: BrokerCodeMeaning.TryLater })
            {
                delay = Backoff.After(retry.InitialDelay, refusals, retry.MaxRefusedDelay);
                CountRefusal(_refusalsAtStart, target.Feed, target.Key);
                new StatusMessage($"{target}: {FailureText.Of(e)}", host.Time.GetUtcNow() + delay).WriteTo(host);
            }

            await Task.Delay(delay, host.Time, cancellationToken);
        }
    }

    private async Task ShowAsync(CancellationTokenSource ending)
    {
        await using var statuses = new CancellableItems<CaptureRecorderStatus>(recorder.WatchAsync, CancellationToken.None);
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
            ReportProblems(status);
            await WriteAsync(status);
            if (_hasBegun && IsNoneLeft)
                await ending.CancelAsync();
        }
    }

    private ValueTask WriteAsync(CaptureRecorderStatus status)
    {
        output.Write(new RecordingStatus(status, client.Sessions));
        return output.FlushAsync(CancellationToken.None);
    }

    private void ReportProblems(CaptureRecorderStatus status)
    {
        foreach (var text in disk.Update(status))
            host.WriteMessage($"kisfeed: {text}");

        // The reason for the end of the command is reported there: a refusal at the start, the end of all sessions, the last refusal.
        if (!_hasBegun || client.Completion.IsCompleted)
            return;
        var refusals = recorder.Refusals;
        for (; _refusalsSeen < refusals.Count; _refusalsSeen++)
        {
            var refusal = refusals[_refusalsSeen];
            var number = CountRefusal(_refusalsOf, refusal.Feed, refusal.Key);
            if (number > _refusalsAtStart.GetValueOrDefault((refusal.Feed, refusal.Key)) && ++_refusalsReported < targets.Count)
            {
                host.WriteMessage(UiText.Of(
                    $"kisfeed: {NameOf(refusal)} is no longer recorded: {refusal.Refusal.Problem}",
                    $"kisfeed: {NameOf(refusal)}: 더 기록하지 않습니다: {LibraryText.Of(refusal.Refusal.Problem)}"));
            }
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

    private static int CountRefusal(Dictionary<(FeedSchema Feed, string Key), int> counts, FeedSchema feed, string key) =>
        counts[(feed, key)] = counts.GetValueOrDefault((feed, key)) + 1;

    private static string NameOf(CaptureRefusal refusal) => new WatchTarget(refusal.Feed, refusal.Key).ToString();
}
