using System.CommandLine;
using System.Globalization;

namespace KisFeed.Benchmarks.Delay;

/// <summary>
/// The process of the readers of the past: each reads as fast as it can, and starts again where the present begins. Prints the number of
/// records read for each line of input.
/// </summary>
internal static class PastReading
{
    public const string Word = "read-past";

    private static long s_records;

    public static Command Command()
    {
        var (port, count, format) = (new Argument<int>("port"), new Argument<int>("count"), new Argument<string>("format"));
        var command = new Command(Word, "Reads the past. Started by --past.") { port, count, format };
        command.Hidden = true;
        command.SetAction(
            (arguments, _) => RunAsync(arguments.GetValue(port), arguments.GetValue(count), arguments.GetValue(format) == "json"));
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
