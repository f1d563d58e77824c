using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;

namespace KisFeed.Benchmarks.Capture;

/// <summary><c>captured-day</c>: writes a large capture, e.g. for measurements of exports.</summary>
internal sealed class CapturedDayCommand : Command, IHasExamples
{
    private const long BriefFrames = 5_000;

    private readonly Option<string?> _directory =
        new("--to") { Description = "Folder of the capture. [default: a temporary one, which is removed]", HelpName = "DIR" };
    private readonly Option<long> _frames = new("--frames") { Description = "Number of frames.", DefaultValueFactory = _ => 5_000_000 };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of the simulated market.", DefaultValueFactory = _ => 1 };

    public CapturedDayCommand()
        : base(
            "captured-day",
            "Writes a capture of a simulated trading day with a given number of frames. The same seed gives the same frames.")
    {
        Add(_directory);
        Add(_frames);
        Add(_seed);
        SetAction(Run);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
        [("captured-day --to /tmp/load --frames 5000000", "a capture of five million frames")];

    private void Run(ParseResult arguments)
    {
        var folder = arguments.GetValue(_directory);
        var temporary = folder is null ? Directory.CreateTempSubdirectory("kisfeed-day-") : null;
        try
        {
            using var writer = new CaptureWriter(
                new CaptureWriterOptions { Directory = folder ?? temporary!.FullName, FlushToDisk = false });
            var day = new CapturedDay(writer, arguments.IsBrief() ? BriefFrames : arguments.GetValue(_frames), arguments.GetValue(_seed));
            day.Write();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{day.Frames} frames, {day.Records} records"));
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }
}
