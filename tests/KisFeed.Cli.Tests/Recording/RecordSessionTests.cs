using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Recording;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>The order in which the client and the recorder report the same refusal is not fixed.</summary>
public sealed class RecordSessionTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Refusals_that_the_recorder_reads_after_the_registration_was_confirmed_do_not_end_the_recording()
    {
        RecordSession? session = null;
        var faults = SimulatorFaults.Parse("refuse=OPSP0007:1");
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500, Faults = faults });
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = server.WebSocketUrl });
        await using var recorder = CaptureRecorder.Start(client, new CaptureRecorderOptions
        {
            Writer = new CaptureWriterOptions { Directory = _folder.Path },
            BeforeWrite = item =>
            {
                if (item.Event is RegistrationRefused)
                    SpinWait.SpinUntil(() => Volatile.Read(ref session) is { HasBegun: true }, Patience.Limit).ShouldBeTrue();
            },
        });
        var error = new StringWriter();
        var host = new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = error };
        await using var output = RecordingOutputs.Text(host, _folder.Path);
        var policy = ReconnectPolicy.Default with { InitialDelay = TimeSpan.FromMilliseconds(1) };
        WatchTarget[] targets = [new WatchTarget(IndexTrade.Feed.Schema, "0001")];
        session = new RecordSession(host, client, recorder, targets, output, new DiskStatusReporter(_folder.Path, host.Time), policy);

        var end = await session.RunAsync(wanted: 3, CancellationToken.None);

        end.Received.ShouldBeGreaterThanOrEqualTo(3);
        recorder.Refusals.ShouldHaveSingleItem();
        error.ToString().ShouldNotContain("no longer recorded");
    }
}
