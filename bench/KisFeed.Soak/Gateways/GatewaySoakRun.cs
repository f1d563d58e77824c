using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using KisFeed.Soak.Checks;
using KisFeed.Soak.Gateways.Measures;
using KisFeed.Soak.Gateways.Visitors;
using KisFeed.Soak.Service;

namespace KisFeed.Soak.Gateways;

/// <summary>
/// One soak of the gateway: runs faults upstream and visitors, waits until everything has recovered, and checks the results.
/// </summary>
internal sealed class GatewaySoakRun : IDisposable
{
    private static readonly int s_keptKeyCount = GatewayPlan.KeptKeys.Length;

    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_sampleInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);

    // Queues of consumers that never read are closed slowly, and dead connections after a minute.
    private static readonly TimeSpan s_leaveTimeout = TimeSpan.FromSeconds(120);
    private static readonly FaultStep s_mixedKeys = new("mixed-keys", "mixed-keys");

    private readonly GatewaySoakOptions _options;
    private readonly string _folder;
    private readonly SimulatedService _service;
    private readonly GatewayProcess _gateway;
    private readonly GatewayMeter _meter;
    private readonly Findings _findings;
    private readonly VisitLog _log;
    private readonly FaultDriver _faults;
    private readonly VisitorPool _visitors;
    private readonly Intruder _intruder;
    private readonly PermanentConsumer[] _permanentConsumers;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _interruption = new();
    private readonly List<GatewaySample> _samples = [];

    private GatewaySoakRun(
        GatewaySoakOptions options, string folder, Findings findings, Token[] tokens, SimulatedService service, GatewayProcess gateway)
    {
        _options = options;
        _folder = folder;
        _findings = findings;
        _service = service;
        _gateway = gateway;
        _meter = new GatewayMeter(gateway, tokens.First(token => token.IsOperator));
        _log = new VisitLog(findings);
        _faults = new FaultDriver(service, new FaultWindows(), options.Seed, s_mixedKeys);
        var approvalKeys = new ApprovalKeys(gateway.Port, _http);
        IVisitor[] visitors =
        [
            new BrokerVisitor(gateway.Port, approvalKeys, _log),
            new EventStreamVisitor(gateway.Port, _log),
            new JsonSocketVisitor(gateway.Port, _log),
        ];
        _visitors = new VisitorPool(tokens, visitors, _log, options.Seed);
        _intruder = new Intruder(gateway.Port, _log, options.Seed);
        _permanentConsumers = [.. visitors.Select(visitor => new PermanentConsumer(visitor, tokens.First(token => token.Notices), _log))];
    }

    /// <summary>Runs a soak.</summary>
    /// <returns>0 without findings, 1 otherwise.</returns>
    public static async Task<int> RunAsync(GatewaySoakOptions options)
    {
        var folder = options.Folder is { } named
            ? Directory.CreateDirectory(named).FullName
            : Directory.CreateTempSubdirectory("kisfeed-soak-").FullName;
        try
        {
            var findings = new Findings();
            AppDomain.CurrentDomain.UnhandledException += (_, e) => findings.Add($"an unhandled exception: {e.ExceptionObject}");
            var tokens = Token.CreateAll();
            Token.Write(SoakFolder.TokensOf(folder), tokens);
            await using var service = await SimulatedService.StartAsync(options.Rate, options.Seed);
            await using var gateway = await GatewayProcess.StartAsync(service.WebSocketUrl, folder);
            using var run = new GatewaySoakRun(options, folder, findings, tokens, service, gateway);
            using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, run.OnSignal);
            using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, run.OnSignal);
            var result = await run.RunAsync();
            if (options.IsJson)
            {
                await using var output = Console.OpenStandardOutput();
                GatewayResultJson.Write(output, result);
            }
            else
            {
                GatewayResultText.Write(Console.Out, result);
            }

            return result.HasPassed ? 0 : 1;
        }
        finally
        {
            if (options.Folder is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _http.Dispose();
        _interruption.Dispose();
    }

    private async Task<GatewaySoakResult> RunAsync()
    {
        using var stopping = new CancellationTokenSource();
        var permanent = Task.WhenAll(
            _permanentConsumers.Select(permanentConsumer => Task.Run(() => permanentConsumer.RunAsync(stopping.Token))));
        await DriveAsync();
        var driven = _meter.Elapsed;
        var settled = await SettleAsync();
        await stopping.CancelAsync();
        await permanent;
        await WaitUntilReleasedAsync();
        await Task.Delay(_options.Rest);
        var empty = await _meter.MeasureAsync();
        var collected = await _meter.MeasureAsync(collect: true);
        var recorder = await _gateway.StopAsync();
        var capture = await CaptureCheck.RunAsync(SoakFolder.CaptureOf(_folder), recorder, _findings);
        GatewayBounds.Check(_samples, _findings);
        return new GatewaySoakResult
        {
            Options = _options,
            IsInterrupted = _interruption.IsCancellationRequested,
            Elapsed = driven,
            SettledWithin = settled,
            Samples = _samples,
            Empty = empty,
            Collected = collected,
            Capture = capture,
            Faults = _faults.Counts,
            Visits = _log.Counts,
            FindingCount = _findings.Count,
            Findings = _findings.Texts,
        };
    }

    private async Task DriveAsync()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_interruption.Token);
        stopping.CancelAfter(_options.Duration);
        var work = Task.WhenAll(
            _faults.RunAsync(stopping.Token),
            Task.Run(() => _visitors.RunAsync(_options.Consumers, stopping.Token)),
            _intruder.RunAsync(stopping.Token));
        var next = TimeSpan.Zero;
        while (!work.IsCompleted && !_gateway.HasExited)
        {
            await Task.Delay(s_pollInterval);
            if (_meter.Elapsed < next || stopping.IsCancellationRequested)
                continue;
            var sample = await _meter.MeasureAsync();
            await Console.Error.WriteLineAsync(GatewayResultText.Line(sample));
            _samples.Add(sample);
            next += s_sampleInterval;
        }

        if (_gateway.HasExited)
            _findings.Add("the gateway has ended");
        await stopping.CancelAsync();
        await work;
    }

    // Without faults, every key must be confirmed and deliver data again in bounded time.
    private async Task<TimeSpan> SettleAsync()
    {
        var recordsBefore = _permanentConsumers.ToDictionary(
            permanentConsumer => permanentConsumer,
            permanentConsumer => permanentConsumer.Records.ToDictionary(r => r.Key, r => r.Value, StringComparer.Ordinal));
        return await WaitUntilAsync(s_settleTimeout, status =>
        {
            if (status.GetProperty("upstream").EnumerateArray().FirstOrDefault(s => s.GetProperty("phase").GetString() != "open")
                is { ValueKind: JsonValueKind.Object } session)
            {
                return $"the session {session.GetProperty("name")} is {session.GetProperty("phase")}: {session.GetProperty("problem")}";
            }
            if (status.GetProperty("registrations").EnumerateArray().FirstOrDefault(r => !r.GetProperty("isRegistered").GetBoolean())
                is { ValueKind: JsonValueKind.Object } key)
            {
                return $"{key.GetProperty("trId")}:{key.GetProperty("key")} is not registered";
            }
            return _permanentConsumers.SelectMany(
                permanentConsumer => GatewayPlan.KeptKeys.Select(k => k.Feed.TrId).Distinct(StringComparer.Ordinal)
                    .Where(trId => permanentConsumer.Records.GetValueOrDefault(trId) <= recordsBefore[permanentConsumer].GetValueOrDefault(
                        trId))
                    .Select(trId => $"no data of {trId} were delivered to {permanentConsumer.Name}")).FirstOrDefault();
        });
    }

    // Without consumers, no consumer may hold resources, and upstream only the kept keys.
    private Task<TimeSpan> WaitUntilReleasedAsync() => WaitUntilAsync(s_leaveTimeout, status =>
    {
        var totals = status.GetProperty("totals");
        foreach (var name in (string[])["connections", "streams", "consumerRegistrations"])
        {
            if (totals.GetProperty(name).GetInt64() != 0)
                return $"there are {totals.GetProperty(name)} {name} although all consumers have disconnected";
        }

        foreach (var consumer in status.GetProperty("consumers").EnumerateArray())
        {
            if (consumer.GetProperty("connections").GetInt64()
                + consumer.GetProperty("registrations").GetInt64()
                + consumer.GetProperty("waiting").GetProperty("bytes").GetInt64()
                != 0)
            {
                return $"{consumer.GetProperty("name")} holds connections, registrations or memory although all consumers "
                    + $"have disconnected: {consumer}";
            }
        }

        var keys = status.GetProperty("registrations").GetArrayLength();
        return keys == s_keptKeyCount ? null : $"{keys} keys are registered upstream instead of {s_keptKeyCount}";
    });

    private async Task<TimeSpan> WaitUntilAsync(TimeSpan timeout, Func<JsonElement, string?> findMissing)
    {
        var clock = Stopwatch.StartNew();
        while (!_gateway.HasExited && findMissing(await _meter.StatusAsync()) is { } missing)
        {
            if (clock.Elapsed > timeout)
            {
                _findings.Add($"after {timeout.TotalSeconds:0} s without faults {missing}");
                break;
            }

            await Task.Delay(s_pollInterval);
        }

        return clock.Elapsed;
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_interruption.IsCancellationRequested)
            return;
        context.Cancel = true;
        _interruption.Cancel();
    }
}
