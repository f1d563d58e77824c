using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KisFeed.Capture;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A recording of the key of the <see cref="StampedService"/>, of an earlier day.</summary>
internal static class PastCapture
{
    /// <summary>A time before its first frame.</summary>
    public const string Begin = "2026-11-20T08:00";

    private static readonly DateTimeOffset s_first = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_day = TimeSpan.FromHours(6.5);

    /// <summary>Writes it.</summary>
    public static void Write(string folder, long frames)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = folder, FlushToDisk = false });
        var random = new Random(1);
        var (price, volume) = (262_454, 63_952L);
        for (var number = 0L; number < frames; number++)
        {
            var traded = random.Next(1, 900);
            price += random.Next(-12, 13);
            volume += traded;
            var at = s_first + (s_day * ((double)number / frames));
            writer.Write("H0UPCNT0", Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"0|H0UPCNT0|001|0001^{at + TimeSpan.FromHours(9):HHmmss}^{price / 100m:0.00}^2^32.68^{volume}^{volume * 25}^{traded}^{traded * 23}^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^{random.Next(640, 690)}^72^{random.Next(150, 200)}^0^0^0^19")), at);
            if (writer.IsFull)
                writer.Flush();
        }

        writer.Close();
    }
}

/// <summary>A stream of the past, of whose records only the number is looked at.</summary>
internal sealed class PastStream : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _live;
    private readonly byte[] _record;
    private int _kept;

    private PastStream(bool isJson)
    {
        _live = Encoding.ASCII.GetBytes(isJson ? "event: live" : "\"event\":\"live\"");
        _record = Encoding.ASCII.GetBytes(isJson ? "event: record" : "|H0UPCNT0|");
    }

    /// <summary>Whether the past has been read.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Begins a stream.</summary>
    public static async Task<PastStream> OpenAsync(int port, bool isJson)
    {
        var stream = new PastStream(isJson);
        await stream._socket.ConnectAsync(IPAddress.Loopback, port);
        await stream._socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/stream?subscribe=index:0001&from={PastCapture.Begin}{(isJson ? "" : "&format=capture")} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n").AsMemory());
        return stream;
    }

    /// <summary>Reads what has been received. Returns the number of records.</summary>
    public async ValueTask<int> ReadAsync()
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_kept));
        if (received == 0)
            throw new InvalidOperationException("the gateway ended a stream of the past");
        return Count(_buffer.AsSpan(0, _kept + received));
    }

    public void Dispose() => _socket.Dispose();

    private int Count(Span<byte> text)
    {
        IsLive |= text.IndexOf(_live) >= 0;
        var end = text.LastIndexOf((byte)'\n') + 1;
        var count = text[..end].Count(_record);
        text[end..].CopyTo(_buffer);
        _kept = text.Length - end;
        return count;
    }
}

/// <summary>The process of the readers of the past: each reads as fast as it can, and starts again where the present begins. Prints the number of records read for each line of input.</summary>
internal static class PastReading
{
    public const string Word = "read-past";

    private static long s_records;

    public static Command Command()
    {
        var (port, count, format) = (new Argument<int>("port"), new Argument<int>("count"), new Argument<string>("format"));
        var command = new Command(Word, "Reads the past. Started by --past.") { port, count, format };
        command.Hidden = true;
        command.SetAction((arguments, _) => RunAsync(arguments.GetValue(port), arguments.GetValue(count), arguments.GetValue(format) == "json"));
        return command;
    }

    private static async Task<int> RunAsync(int port, int count, bool isJson)
    {
        var readers = Enumerable.Range(0, count).Select(_ => Task.Run(() => ReadAsync(port, isJson))).ToList();
        Console.WriteLine("reading");
        while (await Task.Run(Console.ReadLine) is not null)
        {
            if (readers.Find(reader => reader.IsFaulted) is { } failed)
                await failed;
            Console.WriteLine(Interlocked.Read(ref s_records).ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }

    private static async Task ReadAsync(int port, bool isJson)
    {
        while (true)
        {
            using var stream = await PastStream.OpenAsync(port, isJson);
            while (!stream.IsLive)
                Interlocked.Add(ref s_records, await stream.ReadAsync());
        }
    }
}
