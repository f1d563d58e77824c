using System.Buffers;
using System.Text;
using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Broker;

// Sends data to registered clients.
internal sealed partial class ModelBroker
{
    /// <summary>Publishes new records of some topics.</summary>
    public void Tick() => Publish(Market.NextTopics(_marketRandom));

    /// <summary>Publishes a new record of every topic.</summary>
    public void TickAll()
    {
        foreach (var topic in Market.Topics)
            Publish([topic]);
    }

    private void Publish(List<Topic> topics)
    {
        var numbers = topics.ConvertAll(Market.Next);
        foreach (var connection in _connections)
        {
            if (!connection.IsAlive || connection.IsSilent)
                continue;
            List<Topic> held = [];
            List<long> heldNumbers = [];
            for (var i = 0; i < topics.Count; i++)
            {
                // A record of a topic that was just released, as may arrive for a moment, would look like a record of another session.
                if (!connection.Registrations.ContainsKey(topics[i]))
                    continue;
                held.Add(topics[i]);
                heldNumbers.Add(numbers[i]);
            }

            if (held.Count > 0)
                Publish(connection, new FrameContent(held, heldNumbers, held[0].Feed.IsNotice ? connection.Registrations[held[0]] : null));
        }
    }

    private void Publish(BrokerConnection connection, FrameContent content)
    {
        if (MaybeBreak(connection, 0.2))
            return;
        var address = $"{connection.Account.Number}/{connection.Client.Number}";
        var payload = new StringBuilder();
        for (var i = 0; i < content.Topics.Count; i++)
            payload.Append(i == 0 ? "" : "^").Append(content.Topics[i].Key).Append('^').Append(content.Numbers[i]).Append('^').Append(address);

        var head = $"{(content.EncryptedFor is null ? '0' : '1')}|{content.Topics[0].Feed.TrId}|{content.Topics.Count:D3}|";
        if (_faults.Occurs(SimulatedFaults.Garbage))
        {
            payload.Append(FrameCorrupter.CreateTail(content, _random, out var isCorrupted));
            content = content with { IsCorrupted = isCorrupted };
        }

        connection.Client.Send(new ServerMessage(Bytes(head, payload.ToString(), content.EncryptedFor)) { Frame = content }, TimeSpan.Zero);
    }

    private static byte[] Bytes(string head, string payload, BrokerRegistration? encryptedFor)
    {
        if (encryptedFor is null)
            return Encoding.UTF8.GetBytes(head + payload);
        var output = new ArrayBufferWriter<byte>();
        output.Write(Encoding.UTF8.GetBytes(head));

        // Long enough that a wrong key cannot decrypt it by chance.
        encryptedFor.Cipher.Encrypt(Encoding.UTF8.GetBytes(payload + new string(' ', 48)), output);
        return output.WrittenSpan.ToArray();
    }
}
