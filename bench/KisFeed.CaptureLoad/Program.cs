using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.CaptureLoad;

var directory = new Argument<string>("DIR") { Description = "Folder of the capture." };
var frames = new Option<long>("--frames") { Description = "Number of frames.", DefaultValueFactory = _ => 5_000_000 };
var seed = new Option<int>("--seed") { Description = "Seed of the simulated market.", DefaultValueFactory = _ => 1 };
var command = new RootCommand("Writes a capture of a simulated trading day with a given number of frames. The same seed gives the same frames.") { directory, frames, seed };
command.SetAction(arguments =>
{
    using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = arguments.GetRequiredValue(directory), FlushToDisk = false });
    var capture = new CapturedDay(writer, arguments.GetValue(frames), arguments.GetValue(seed));
    capture.Write();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{capture.Frames} frames, {capture.Records} records"));
});
return await command.Parse(args).InvokeAsync();
