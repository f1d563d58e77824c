using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Recording;
using KisFeed.Cli.Tests.Running;
using KisFeed.Feeds;
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
        using var confirmed = new ManualResetEventSlim();
        await using var server = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500, Faults = SimulatorFaults.Parse("refuse=OPSP0007:1") });
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = server.WebSocketUrl });
        await using var recorder = CaptureRecorder.Start(client, new CaptureRecorderOptions
        {
            Writer = new CaptureWriterOptions { Directory = _folder.Path },
            BeforeWrite = item =>
            {
                if (item.Event is RegistrationRefused)
                    confirmed.Wait();
            },
        });
        var error = new StringWriter();
        var host = new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = error };
        var output = new WaitingOutput(confirmed);
        var policy = ReconnectPolicy.Default with { InitialDelay = TimeSpan.FromMilliseconds(1) };
        var session = new RecordSession(host, client, recorder, [new WatchTarget(IndexTrade.Feed.Schema, "0001")], output, new DiskStatusReporter(_folder.Path, host.Time), policy);
        output.Begins = () => session.HasBegun;

        var end = await session.RunAsync(wanted: 3, CancellationToken.None);

        end.Received.ShouldBeGreaterThanOrEqualTo(3);
        recorder.Refusals.ShouldHaveSingleItem();
        error.ToString().ShouldNotContain("no longer recorded");
    }

    /// <summary>Lets the recorder continue once the target is registered.</summary>
    private sealed class WaitingOutput(ManualResetEventSlim confirmed) : IRecordingOutput
    {
        public Func<bool> Begins { get; set; } = () => false;

        public ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
        {
            if (Begins())
                confirmed.Set();
            return ValueTask.CompletedTask;
        }

        public ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
        {
            confirmed.Set();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
