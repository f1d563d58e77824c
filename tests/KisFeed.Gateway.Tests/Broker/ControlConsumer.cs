using System.Threading.Channels;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A consumer that reads continuously and must not be affected by others.</summary>
internal sealed class ControlConsumer : IAsyncDisposable
{
    private const int Frames = 5;

    private readonly Channel<string> _frames = Channel.CreateUnbounded<string>();
    private readonly FeedClient _client;
    private readonly Task _reading;

    private ControlConsumer(FeedClient client)
    {
        _client = client;
        _reading = ReadAsync();
    }

    public static async Task<ControlConsumer> ConnectAsync(TestGateway testGateway, string? approvalKey = null)
    {
        var client = await FeedClient.ConnectAsync(
            testGateway.Url, approvalKey ?? await RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl));
        (await client.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        var control = new ControlConsumer(client);
        await control.WaitForMoreFramesAsync();
        return control;
    }

    /// <summary>Completes when another frame has arrived.</summary>
    public async Task WaitForMoreFramesAsync()
    {
        while (_frames.Reader.TryRead(out _))
        {
            // Received before.
        }

        for (var i = 0; i < Frames; i++)
            (await _frames.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit)).ShouldStartWith($"0|{TestGateway.Index}|");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _client.ReceiveAsync() is { } frame)
                _frames.Writer.TryWrite(frame);
            _frames.Writer.Complete();
        }
        catch (Exception e)
        {
            _frames.Writer.Complete(e);
        }
    }
}
