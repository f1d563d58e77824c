using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.CaptureLoad;

var directory = new Argument<string>("DIR") { Description = "Where the capture is written." };
var frames = new Option<long>("--frames") { Description = "How many frames.", DefaultValueFactory = _ => 5_000_000 };
var seed = new Option<int>("--seed") { Description = "What the market is made from.", DefaultValueFactory = _ => 1 };
var command = new RootCommand("Writes a capture of a trading day of the simulated market, of any number of frames: the same seed, the same frames.") { directory, frames, seed };
command.SetAction(arguments =>
{
    using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = arguments.GetRequiredValue(directory), FlushToDisk = false });
    var capture = new CapturedDay(writer, arguments.GetValue(frames), arguments.GetValue(seed));
    capture.Write();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{capture.Frames} frames, {capture.Records} records"));
});
return await command.Parse(args).InvokeAsync();
