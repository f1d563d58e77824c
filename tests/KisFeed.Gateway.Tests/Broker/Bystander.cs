using System.Threading.Channels;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A consumer that has nothing to do with what happens to others, and reads all the time.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private const int Frames = 5;

    private readonly Channel<string> _frames = Channel.CreateUnbounded<string>();
    private readonly FeedClient _client;
    private readonly Task _reading;

    private Bystander(FeedClient client)
    {
        _client = client;
        _reading = ReadAsync();
    }

    public static async Task<Bystander> ConnectAsync(Stage stage, string? approvalKey = null)
    {
        var client = await FeedClient.ConnectAsync(stage.Url, approvalKey ?? await RestClient.ApprovalKeyAsync(stage.Gateway.RestUrl));
        (await client.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        var bystander = new Bystander(client);
        await bystander.GoesOnAsync();
        return bystander;
    }

    /// <summary>Completes when more frames have come than have by now.</summary>
    public async Task GoesOnAsync()
    {
        while (_frames.Reader.TryRead(out _))
        {
            // Came before.
        }

        for (var i = 0; i < Frames; i++)
            (await _frames.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit)).ShouldStartWith($"0|{Stage.Index}|");
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
