using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A record of a <see cref="NumberedService"/> in a stream.</summary>
/// <param name="Connection">The connection of the service that sent it.</param>
/// <param name="Number">The number of its frame on that connection.</param>
/// <param name="ReceivedAt">The time of receipt by the gateway.</param>
internal readonly record struct NumberedRecord(int Connection, int Number, string ReceivedAt)
{
    /// <summary>Reads a record and checks that all its fields match its number.</summary>
    public static NumberedRecord Of(StreamEvent item)
    {
        var isBond = item.Key == NumberedService.Bond;
        var number = item.Json.GetProperty("accumulatedVolume").GetInt32();
        var connection = item.Json.GetProperty(isBond ? "previousVolume" : "accumulatedValue").GetInt32();
        NumberedService.IsOf(connection, number, item.Key).ShouldBeTrue($"no such record was sent: {item.Json}");
        if (!isBond)
            item.Json.GetProperty("price").GetDecimal().ShouldBe(2600 + (number * 37 % 100) + 0.54m);
        return new NumberedRecord(connection, number, item.Json.GetProperty("receivedAt").GetString()!);
    }

    /// <summary>The next number of a key on the same connection.</summary>
    public int NextOf(string key)
    {
        var next = Number + 1;
        while (!NumberedService.IsOf(Connection, next, key))
            next++;
        return next;
    }

    /// <summary>The first number of a key on a connection.</summary>
    public static int FirstOf(int connection, string key) => new NumberedRecord(connection, -1, "").NextOf(key);

    /// <summary>The last number of a key on a connection with a number of sent frames.</summary>
    public static int LastOf(int connection, int sent, string key)
    {
        var last = sent - 1;
        while (!NumberedService.IsOf(connection, last, key))
            last--;
        return last;
    }
}
