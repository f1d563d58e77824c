using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Memory;

/// <summary>
/// A market with an exact rate, in its own process: frames of published samples for the registered keys in turn, some of them
/// with several records. The simulator combines the records of 50 milliseconds, and therefore reaches high frame rates only
/// with twenty times as many records.
/// </summary>
/// <param name="service">The service that the client is connected to.</param>
/// <param name="rate">Frames per second.</param>
internal sealed class PacedMarket(LocalService service, double rate)
{
    private const int MultiRecordInterval = 16;
    private const int Many = 4;
    private const int BufferBytes = 256 * 1024;
    private const int MaxFrameLength = 2048;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _sent;

    /// <summary>Serves the first registered client until the input ends. Prints its port like the simulator.</summary>
    public static async Task RunAsync(double rate, CancellationToken cancellationToken)
    {
        await using var service = await LocalService.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"port":{{service.Url.Port}}}"""));
        using var ending = new CancellationTokenSource();
        var sending = Task.Run(() => new PacedMarket(service, rate).SendAsync(ending.Token), CancellationToken.None);
        await InputEnd.WaitAsync(cancellationToken);
        await ending.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string RecordOf(string trId, string key, long number)
    {
        var time = TimeSpan.FromSeconds((9 * 3600) + (number / 100_000 % 20_000)).ToString("hhmmss", CultureInfo.InvariantCulture);
        return trId switch
        {
            "H0UPCNT0" => string.Create(CultureInfo.InvariantCulture, $"{key}^{time}^2624.{number % 90 + 10}^2^32.68^{number}^1650684^439^"
                + $"10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19"),
            "H0BJCNT0" => string.Create(CultureInfo.InvariantCulture, $"{key}^국고03250-5303(23-2)^{time}^2^5.00^0.05^105{number % 90 + 10}"
                + $".00^1^10525.00^10578.00^10525.00^0.00^3.012^3.037^3.010^3.037^{number}^9874082^2"),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{key}^{time}^{number}^109159646900^1189408^91931710200^-224036^-17227936700^65033^15475^-49558"),
        };
    }

    private async Task SendAsync(CancellationToken ending)
    {
        var stream = await service.Registered.WaitAsync(ending);
        var startedAt = Stopwatch.GetTimestamp();
        while (!ending.IsCancellationRequested)
        {
            (string TrId, string Key)[] keys = [.. service.Registrations];
            var due = (long)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate);
            while (_sent < due)
                await stream.WriteAsync(_buffer.AsMemory(0, Fill(keys, due)), ending);
            await Task.Delay(1, ending);
        }
    }

    private int Fill((string TrId, string Key)[] keys, long due)
    {
        var length = 0;
        for (; _sent < due && length < _buffer.Length - MaxFrameLength; _sent++)
        {
            var (trId, key) = keys[_sent % keys.Length];
            var records = _sent % MultiRecordInterval == 0 ? Many : 1;
            var text = $"0|{trId}|{records:000}|{string.Join('^', Enumerable.Repeat(RecordOf(trId, key, _sent), records))}";
            length += Write(_buffer.AsSpan(length), text);
        }

        return length;
    }

    // FIN and text ; length = 7BIT / %x7E 2OCTET
    private static int Write(Span<byte> output, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        output[0] = 0x81;
        var header = length < 126 ? 2 : 4;
        if (header == 2)
        {
            output[1] = (byte)length;
        }
        else
        {
            output[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)length);
        }

        return header + Encoding.UTF8.GetBytes(text, output[header..]);
    }
}

/// <summary><c>paced-market</c>: the market of <c>hour</c> and <c>compare memory</c>, which start it in its own process.</summary>
internal sealed class PacedMarketCommand : Command
{
    public const string Word = "paced-market";

    private readonly Argument<double> _rate = new("rate") { Description = "Frames a second." };

    public PacedMarketCommand()
        : base(Word, "Serves a market at an exact rate. Started by hour and compare.")
    {
        Hidden = true;
        Add(_rate);
        SetAction((arguments, cancellationToken) => PacedMarket.RunAsync(arguments.GetRequiredValue(_rate), cancellationToken));
    }
}
