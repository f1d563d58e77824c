using System.Diagnostics;
using System.Runtime.InteropServices;
using KisFeed.Soak.Checks;
using KisFeed.Soak.Consumers;
using KisFeed.Soak.Measures;
using KisFeed.Soak.Service;

namespace KisFeed.Soak;

/// <summary>One soak: warms up, injects faults while it measures, waits until everything has recovered, and checks the results.</summary>
internal sealed class SoakRun : IDisposable
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_sampleInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(60);

    private readonly SoakOptions _options;
    private readonly SubscriptionPlan _plan;
    private readonly SimulatedService _service;
    private readonly CancellationTokenSource _interruption = new();
    private readonly Findings _findings = new();
    private readonly FaultWindows _windows = new();
    private readonly MessageClock _clock = new();
    private readonly SocketMeter _sockets = new();
    private readonly LibraryLog _log;
    private readonly ConsumerGroup _consumers;
    private readonly FaultDriver _faults;
    private readonly List<Sample> _samples = [];
    private KisFeedClient _client = null!;
    private Churner _churner = null!;

    private SoakRun(SoakOptions options, SimulatedService service)
    {
        _options = options;
        _service = service;
        _plan = SubscriptionPlan.For(options.Sessions);
        _log = new LibraryLog(_findings);
        _consumers = new ConsumerGroup(_plan, (name, rule) => new Audit(name, rule, _findings, _windows));
        _faults = new FaultDriver(service, _windows, options.Seed);
    }

    /// <summary>Runs a soak.</summary>
    /// <returns>0 without findings, 1 otherwise.</returns>
    public static async Task<int> RunAsync(SoakOptions options)
    {
        await using var service = await SimulatedService.StartAsync(EventRate.For(options), options.Seed);
        using var run = new SoakRun(options, service);
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.OnSignal);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.OnSignal);
        AppDomain.CurrentDomain.UnhandledException += (_, e) => run._findings.Add($"an unhandled exception: {e.ExceptionObject}");
        TaskScheduler.UnobservedTaskException += (_, e) => run._findings.Add($"an unobserved exception: {e.Exception}");
        var result = await run.RunAsync();
        if (options.IsJson)
        {
            await using var output = Console.OpenStandardOutput();
            SoakResultJson.Write(output, result);
        }
        else
        {
            SoakResultText.Write(Console.Out, result);
        }

        return result.HasPassed ? 0 : 1;
    }

    public void Dispose()
    {
        _sockets.Dispose();
        _log.Dispose();
        _interruption.Dispose();
    }

    private async Task<SoakResult> RunAsync()
    {
        _client = await KisFeedClient.ConnectAsync(ClientOptions.For(_options.Sessions, _service.WebSocketUrl, _clock, _log));
        _churner = new Churner(
            _client, _plan.Churned, () => new Audit($"churning {_plan.Churned}", SequenceRule.Volumes, _findings, _windows), _options.Seed);
        await Task.WhenAll(_consumers.All.Select(consumer => consumer.SubscribeAsync(_client)));

        await DriveAsync(_options.WarmUp, null);
        await SettleAsync();
        var start = ProcessState.MeasureAfterCollection();
        var before = await FlowAsync();
        var clock = Stopwatch.StartNew();
        await DriveAsync(_options.Duration, before);
        var settled = await SettleAsync();
        var elapsed = clock.Elapsed;
        var flow = await FlowAsync() - before;
        var end = ProcessState.MeasureAfterCollection();

        await FinishAsync();
        Bounds.Check(_options.WarmUp, start, end, _findings);
        return new SoakResult
        {
            Options = _options,
            IsInterrupted = _interruption.IsCancellationRequested,
            Subscriptions = _consumers.All.Count + 1,
            Elapsed = elapsed,
            SettledWithin = settled,
            Start = start,
            End = end,
            Flow = flow,
            Samples = _samples,
            Faults = _faults.Counts,
            Churned = _churner.Subscriptions,
            ChurnRefused = _churner.Refused,
            ChurnCancelled = _churner.Cancelled,
            Warnings = _log.Warnings,
            FindingCount = _findings.Count,
            Findings = _findings.Texts,
        };
    }

    // Injects faults for a while and prints progress. Samples are taken if there is a starting point.
    private async Task DriveAsync(TimeSpan duration, Flow? before)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_interruption.Token);
        over.CancelAfter(duration);
        var work = Task.WhenAll(_faults.RunAsync(over.Token), _churner.RunAsync(over.Token));
        var clock = Stopwatch.StartNew();
        var line = Console.IsErrorRedirected ? s_sampleInterval : s_sampleInterval / 6;
        var (nextSample, nextLine) = (s_sampleInterval, line);
        while (!work.IsCompleted && !_client.Completion.IsCompleted)
        {
            await Task.Delay(s_pollInterval);
            if (before is null || clock.Elapsed < nextLine)
                continue;
            var sample = new Sample(clock.Elapsed, ProcessState.Measure(), await FlowAsync() - before);
            await Console.Error.WriteLineAsync(SoakResultText.Line(sample));
            nextLine += line;
            if (clock.Elapsed < nextSample)
                continue;
            _samples.Add(sample);
            nextSample += s_sampleInterval;
        }

        if (_client.Completion.IsFaulted)
            _findings.Add($"the client has ended: {_client.Completion.Exception!.GetBaseException().Message}");
        await over.CancelAsync();
        await work;
    }

    // Without faults, every registration must be confirmed and deliver data again in bounded time.
    private async Task<TimeSpan> SettleAsync()
    {
        var clock = Stopwatch.StartNew();
        var recordsBefore = _consumers.All.ToDictionary(consumer => consumer, consumer => consumer.Audit.Records);
        while (await FindMissingAsync(recordsBefore) is { } missing)
        {
            if (clock.Elapsed > s_settleTimeout)
            {
                _findings.Add($"{s_settleTimeout.TotalSeconds:0} s after the last fault {missing}");
                break;
            }

            await Task.Delay(s_pollInterval);
        }

        return clock.Elapsed;
    }

    private async Task<string?> FindMissingAsync(Dictionary<Consumer, long> recordsBefore)
    {
        if (_client.Sessions.FirstOrDefault(s => s.Phase != SessionPhase.Open) is { } session)
            return $"session {session.Name} is {session.Phase}: {session.Problem}";
        var registrations = _client.Registrations;
        if (registrations.Count != _plan.Registrations)
            return $"there are {registrations.Count} registrations instead of {_plan.Registrations}";
        if (registrations.FirstOrDefault(r => !r.IsConfirmed) is { TrId: not null } registration)
            return $"{registration.TrId}:{registration.Key} is {registration.State}";
        if (_consumers.All.FirstOrDefault(c => c.Audit.Records <= recordsBefore[c]) is { } consumer)
            return $"{consumer.Audit.Name} has received no data";
        var (_, held) = await _service.StatisticsAsync();
        return held == _plan.Registrations ? null : $"the simulator holds {held} registrations instead of {_plan.Registrations}";
    }

    // All consumers read the remaining items; then the totals must be right.
    private async Task FinishAsync()
    {
        foreach (var consumer in _consumers.All)
        {
            if (consumer.Completion.IsCompleted)
                _findings.Add($"{consumer.Audit.Name} ended early: {consumer.Completion.Exception?.GetBaseException().Message}");
            consumer.SkipDelays();
        }

        await _client.DisposeAsync();
        try
        {
            await Task.WhenAll(_consumers.All.Select(consumer => consumer.Completion)).WaitAsync(s_drainTimeout);
        }
        catch (Exception e) when (e is KisFeedException or TimeoutException or FormatException)
        {
            _findings.Add($"not every stream completed: {e.Message}");
        }

        foreach (var consumer in _consumers.All)
        {
            consumer.Close();
            if (consumer.Audit.VolumeResets > _service.MarketRestarts)
            {
                consumer.Audit.ReportError($"the cumulative volume went back {consumer.Audit.VolumeResets} times, but the market restarted "
                    + $"{_service.MarketRestarts} times");
            }
        }
    }

    private async Task<Flow> FlowAsync()
    {
        var (sent, _) = await _service.StatisticsAsync();
        return new Flow
        {
            FramesSent = sent,
            Messages = _clock.Messages,
            Bytes = _sockets.BytesReceived,
            FramesQueued = _consumers.All.Sum(c => c.Subscription.Received),
            FramesDropped = _consumers.All.Sum(c => c.Subscription.Dropped),
            SlowDropped = _consumers.Slow.Subscription.Dropped,
            Connections = _client.Sessions.Sum(s => s.Connections),
            HandlerErrors = _consumers.Throwing.Thrown,
            DeliveryStats = _consumers.DeliveryStats + _churner.DeliveryStats,
        };
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_interruption.IsCancellationRequested)
            return;
        context.Cancel = true;
        _interruption.Cancel();
    }
}
