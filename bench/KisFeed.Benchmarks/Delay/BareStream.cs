using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// A bare program of RabbitMQ.Client: sends frames to a stream in batches of 20, at most 5 ms old, with confirms, and consumes them.
/// </summary>
internal static class BareStream
{
    private const int BatchFrames = 20;
    private const int FrameLength = 190;
    private const ushort Prefetch = 200;

    private static readonly TimeSpan s_batchAge = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public static async Task<Delivery> RunAsync(Uri node, DeliveryOptions options)
    {
        var stream = $"bare-{Guid.NewGuid():N}";
        var factory = new ConnectionFactory { Uri = node };
        await using var sending = await factory.CreateConnectionAsync();
        await using var receiving = await factory.CreateConnectionAsync();
        await using var sender = await sending.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));
        await sender.QueueDeclareAsync(
            stream, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "stream" });
        await using var receiver = await receiving.CreateChannelAsync();
        await receiver.BasicQosAsync(0, Prefetch, global: false);
        var reception = new Reception(options, receiver);
        var consumer = new AsyncEventingBasicConsumer(receiver);
        consumer.ReceivedAsync += reception.OnReceivedAsync;
        await receiver.BasicConsumeAsync(
            stream, autoAck: false, "", noLocal: false, exclusive: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-stream-offset"] = "next" }, consumer);
        await SendAsync(sender, stream, options);
        await reception.Completion.WaitAsync(s_timeout);
        return new Delivery([.. reception.Delays.Order()], reception.Missing, 0, 0, 0, 0);
    }

    // Frames are due as those of the service.
    private static async Task SendAsync(IChannel sender, string stream, DeliveryOptions options)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var batch = new List<byte[]>();
        var openSince = 0L;
        for (var number = 0; number < options.Frames || batch.Count > 0;)
        {
            for (var due = Math.Min(options.Frames, (int)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * options.Rate));
                number < due;
                number++)
            {
                if (batch.Count == 0)
                    openSince = Stopwatch.GetTimestamp();
                batch.Add(FrameOf(number));
                if (batch.Count == BatchFrames)
                    await PublishAsync(sender, stream, batch);
            }

            if (batch.Count > 0 && Stopwatch.GetElapsedTime(openSince) >= s_batchAge)
                await PublishAsync(sender, stream, batch);
            await Task.Delay(1);
        }
    }

    private static byte[] FrameOf(int number)
    {
        var frame = new byte[FrameLength];
        Encoding.ASCII.GetBytes("0|H0UPCNT0|001|0001^091240^").CopyTo(frame, 0);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(FrameLength - 12), number);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(FrameLength - 8), Stopwatch.GetTimestamp());
        return frame;
    }

    private static async Task PublishAsync(IChannel sender, string stream, List<byte[]> batch)
    {
        var body = new byte[batch.Count * FrameLength];
        for (var i = 0; i < batch.Count; i++)
            batch[i].CopyTo(body, i * FrameLength);
        batch.Clear();
        await sender.BasicPublishAsync("", stream, mandatory: true, body);
    }

    private sealed class Reception(DeliveryOptions options, IChannel channel)
    {
        private readonly TaskCompletionSource _isComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _last = -1;
        private int _unacknowledged;

        public List<double> Delays { get; } = new(options.Frames - options.FirstMeasured);

        public int Missing { get; private set; }

        public Task Completion => _isComplete.Task;

        public async Task OnReceivedAsync(object sender, BasicDeliverEventArgs e)
        {
            var now = Stopwatch.GetTimestamp();
            for (var rest = e.Body; rest.Length > 0; rest = rest[FrameLength..])
            {
                var number = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[(FrameLength - 12)..]);
                if (number != _last + 1)
                    Missing++;
                _last = number;
                if (number >= options.FirstMeasured)
                {
                    Delays.Add(
                        Stopwatch.GetElapsedTime(
                            BinaryPrimitives.ReadInt64LittleEndian(rest.Span[(FrameLength - 8)..]), now).TotalMicroseconds);
                }
            }

            if (++_unacknowledged > Prefetch / 4)
            {
                _unacknowledged = 0;
                await channel.BasicAckAsync(e.DeliveryTag, multiple: true);
            }

            if (_last == options.Frames - 1)
                _isComplete.TrySetResult();
        }
    }
}
