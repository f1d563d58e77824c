using System.Buffers;
using System.Net.WebSockets;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Simulator.Market;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>Sends the messages of a connection with the faults that concern them.</summary>
/// <param name="connection">The connection.</param>
/// <param name="faults">The current faults.</param>
/// <param name="seed">The seed of its random choices.</param>
/// <param name="logger">The logger.</param>
internal sealed class FaultySender(WebSocketConnection connection, FaultController faults, ulong seed, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly SeededRandom _random = new(seed);
    private readonly ArrayBufferWriter<byte> _noise = new();
    private SimulatorFaults? _counted;
    private int _framesCounted;

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            var current = faults.Current;
            if (!ReferenceEquals(current, _counted))
            {
                _counted = current;
                _framesCounted = 0;
            }

            return kind switch
            {
                MessageKind.Data => SendData(current, text),
                MessageKind.Acknowledgement => Acknowledge(current, text),
                _ => SendWhole(current, text),
            };
        }
    }

    private bool SendData(SimulatorFaults current, ReadOnlySpan<byte> frame)
    {
        if (!SendWhole(current, frame))
            return false;
        _framesCounted++;
        if (Happens(current.BadUtf8))
        {
            Noise.WriteInvalidUtf8(_noise, frame, _random);
            SendNoise(current, "frame with invalid UTF-8 sent");
        }

        if (Happens(current.Garbage))
        {
            Noise.WriteGarbage(_noise, frame, _random);
            SendNoise(current, "garbage sent");
        }

        if (_framesCounted == current.DropAfter)
        {
            SimulatorLog.Fault(logger, connection.Id, "dropped");
            connection.Break();
        }

        if (_framesCounted == current.SilentAfter)
        {
            SimulatorLog.Fault(logger, connection.Id, "silenced");
            connection.Silence();
        }

        return true;
    }

    private bool Acknowledge(SimulatorFaults current, ReadOnlySpan<byte> answer)
    {
        if (Happens(current.LoseAck))
        {
            SimulatorLog.Fault(logger, connection.Id, "acknowledgement not sent");
            return false;
        }

        return SendWhole(current, answer) && (!current.DuplicateAck || SendWhole(current, answer));
    }

    private void SendNoise(SimulatorFaults current, string what)
    {
        SimulatorLog.Fault(logger, connection.Id, what);
        _ = SendWhole(current, _noise.WrittenSpan);
        _noise.ResetWrittenCount();
    }

    private bool SendWhole(SimulatorFaults current, ReadOnlySpan<byte> text)
    {
        if (!current.SplitFrames)
            return connection.Send(text);
        Span<int> cuts = stackalloc int[_random.Next(1, 3)];
        foreach (ref var cut in cuts)
            cut = _random.Next(0, text.Length);
        cuts.Sort();
        return connection.Send(text, cuts);
    }

    // Draws no number for impossible events, so that one fault does not change the random choices of others.
    private bool Happens(double probability) => probability > 0 && _random.Happens(probability);
}
