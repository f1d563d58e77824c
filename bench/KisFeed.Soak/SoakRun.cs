using System.Diagnostics;
using System.Runtime.InteropServices;
using KisFeed.Soak.Checks;
using KisFeed.Soak.Consumers;
using KisFeed.Soak.Measures;
using KisFeed.Soak.Service;

namespace KisFeed.Soak;

/// <summary>One soak: warms up, lets things go wrong while it measures, comes to rest, and says what it found.</summary>
internal sealed class SoakRun : IDisposable
{
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_sampling = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_draining = TimeSpan.FromSeconds(60);

    private readonly SoakOptions _options;
    private readonly SubscriptionPlan _plan;
    private readonly SimulatedService _service;
    private readonly CancellationTokenSource _interruption = new();
    private readonly Findings _findings = new();
    private readonly FaultWindows _windows = new();
    private readonly MessageClock _clock = new();
    private readonly SocketMeter _sockets = new();
    private readonly LibraryLog _log;
    private readonly Crowd _crowd;
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
        _crowd = new Crowd(_plan, (name, rule) => new Audit(name, rule, _findings, _windows));
        _faults = new FaultDriver(service, _windows, options.Seed);
    }

    /// <summary>Runs one.</summary>
    /// <returns>0 where nothing was found to be wrong, 1 otherwise.</returns>
    public static async Task<int> RunAsync(SoakOptions options)
    {
        await using var service = await SimulatedService.StartAsync(EventRate.For(options), options.Seed);
        using var run = new SoakRun(options, service);
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.OnSignal);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.OnSignal);
        AppDomain.CurrentDomain.UnhandledException += (_, e) => run._findings.Add($"an unhandled exception: {e.ExceptionObject}");
        TaskScheduler.UnobservedTaskException += (_, e) => run._findings.Add($"an exception that nobody looked at: {e.Exception}");
        var result = await run.RunAsync();
        if (options.IsJson)
        {
            await using var output = Console.OpenStandardOutput();
            ResultJson.Write(output, result);
        }
        else
        {
            ResultText.Write(Console.Out, result);
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
        _churner = new Churner(_client, _plan.Churned, () => new Audit($"coming and going {_plan.Churned}", SequenceRule.Volumes, _findings, _windows), _options.Seed);
        await Task.WhenAll(_crowd.All.Select(consumer => consumer.SubscribeAsync(_client)));

        await DriveAsync(_options.WarmUp, null);
        await SettleAsync();
        var start = ProcessState.TakeAfterCollection();
        var before = await FlowAsync();
        var clock = Stopwatch.StartNew();
        await DriveAsync(_options.Duration, before);
        var settled = await SettleAsync();
        var elapsed = clock.Elapsed;
        var flow = await FlowAsync() - before;
        var end = ProcessState.TakeAfterCollection();

        await FinishAsync();
        Bounds.Check(_options.WarmUp, start, end, _findings);
        return new SoakResult
        {
            Options = _options,
            IsInterrupted = _interruption.IsCancellationRequested,
            Subscriptions = _crowd.All.Count + 1,
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

    // Lets things go wrong for a while, and looks on. Samples are taken where there is something to count from.
    private async Task DriveAsync(TimeSpan duration, Flow? before)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_interruption.Token);
        over.CancelAfter(duration);
        var work = Task.WhenAll(_faults.RunAsync(over.Token), _churner.RunAsync(over.Token));
        var clock = Stopwatch.StartNew();
        var line = Console.IsErrorRedirected ? s_sampling : s_sampling / 6;
        var (nextSample, nextLine) = (s_sampling, line);
        while (!work.IsCompleted && !_client.Completion.IsCompleted)
        {
            await Task.Delay(s_glance);
            if (before is null || clock.Elapsed < nextLine)
                continue;
            var sample = new Sample(clock.Elapsed, ProcessState.Take(), await FlowAsync() - before);
            await Console.Error.WriteLineAsync(ResultText.Line(sample));
            nextLine += line;
            if (clock.Elapsed < nextSample)
                continue;
            _samples.Add(sample);
            nextSample += s_sampling;
        }

        if (_client.Completion.IsFaulted)
            _findings.Add($"the client gave up: {_client.Completion.Exception!.GetBaseException().Message}");
        await over.CancelAsync();
        await work;
    }

    // With nothing going wrong any more, everything must be confirmed and heard of again in bounded time.
    private async Task<TimeSpan> SettleAsync()
    {
        var clock = Stopwatch.StartNew();
        var heard = _crowd.All.ToDictionary(consumer => consumer, consumer => consumer.Audit.Records);
        while (await WhatIsMissingAsync(heard) is { } missing)
        {
            if (clock.Elapsed > s_settling)
            {
                _findings.Add($"{s_settling.TotalSeconds:0} s after the last fault {missing}");
                break;
            }

            await Task.Delay(s_glance);
        }

        return clock.Elapsed;
    }

    private async Task<string?> WhatIsMissingAsync(Dictionary<Consumer, long> heard)
    {
        if (_client.Sessions.FirstOrDefault(s => s.Phase != SessionPhase.Open) is { } session)
            return $"session {session.Name} is {session.Phase}: {session.Problem}";
        var registrations = _client.Registrations;
        if (registrations.Count != _plan.Registrations)
            return $"there are {registrations.Count} registrations instead of {_plan.Registrations}";
        if (registrations.FirstOrDefault(r => !r.IsConfirmed) is { TrId: not null } registration)
            return $"{registration.TrId}:{registration.Key} is {registration.State}";
        if (_crowd.All.FirstOrDefault(c => c.Audit.Records <= heard[c]) is { } consumer)
            return $"{consumer.Audit.Name} has not been heard of";
        var (_, held) = await _service.StatisticsAsync();
        return held == _plan.Registrations ? null : $"the simulator holds {held} registrations instead of {_plan.Registrations}";
    }

    // Everybody takes what is left, and then the sums must be right.
    private async Task FinishAsync()
    {
        foreach (var consumer in _crowd.All)
        {
            if (consumer.Completion.IsCompleted)
                _findings.Add($"{consumer.Audit.Name} ended early: {consumer.Completion.Exception?.GetBaseException().Message}");
            consumer.Hurry();
        }

        await _client.DisposeAsync();
        try
        {
            await Task.WhenAll(_crowd.All.Select(consumer => consumer.Completion)).WaitAsync(s_draining);
        }
        catch (Exception e) when (e is KisFeedException or TimeoutException or FormatException)
        {
            _findings.Add($"not every stream came to its end: {e.Message}");
        }

        foreach (var consumer in _crowd.All)
        {
            consumer.Close();
            if (consumer.Audit.BegunAnew > _service.BegunAnew)
                consumer.Audit.Wrong($"the cumulative volume went back {consumer.Audit.BegunAnew} times, the market began anew {_service.BegunAnew} times");
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
            FramesQueued = _crowd.All.Sum(c => c.Subscription.Received),
            FramesDropped = _crowd.All.Sum(c => c.Subscription.Dropped),
            SlowDropped = _crowd.Slow.Subscription.Dropped,
            Connections = _client.Sessions.Sum(s => s.Connections),
            HandlerErrors = _crowd.Throwing.Thrown,
            Tally = _crowd.Tally + _churner.Tally,
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
