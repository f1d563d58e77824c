using System.Text;
using KisFeed.Capture.Inspection;

namespace KisFeed.Capture.Tests;

/// <summary>Somebody tidies up the file that keeps other recorders out: nothing is lost by that alone.</summary>
public sealed class RemovedLockTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    private string LockPath => Path.Combine(_folder.Path, ".recorder.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Recording_goes_on_in_the_same_file_and_keeps_others_out()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            File.Delete(LockPath);
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Flush();

            writer.LostFiles.ShouldBe(0);
            Should.Throw<CaptureException>(() => _folder.Write()).Message.ShouldContain("another recorder writes to");
            writer.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            writer.Close();
        }

        _folder.Files.Length.ShouldBe(1);
        await ShouldHoldAsync(1, 2, 3);
    }

    [Fact]
    public async Task A_copy_in_the_place_of_the_folder_is_written_to()
    {
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Flush();
            var (path, content) = (_folder.Files.Single(), CaptureFolder.Content(_folder.Files.Single()));
            File.Delete(LockPath);
            File.Delete(path);
            await File.WriteAllBytesAsync(path, content);
            writer.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
            writer.Close();
            writer.LostFiles.ShouldBe(0);
        }

        await ShouldHoldAsync(1, 2);
    }

    [Fact]
    public async Task Another_recorder_that_came_and_went_meanwhile_has_closed_the_file_and_nothing_is_lost()
    {
        using (var first = _folder.Write())
        {
            first.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            first.Flush();
            File.Delete(LockPath);
            using (var second = _folder.Write())
            {
                second.Write("H0UPCNT0", Ticks.Index(2), Ticks.At(2));
                second.Close();
            }

            first.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            first.Close();
            first.LostFiles.ShouldBe(0);
        }

        await ShouldHoldAsync(1, 2, 3);
    }

    private async Task ShouldHoldAsync(params int[] numbers)
    {
        List<int> found = [];
        await foreach (var frame in CaptureReader.Open(_folder.Files).ReadFramesAsync())
            found.Add(int.Parse(Encoding.UTF8.GetString(frame.Bytes.Span).Split('^')[5], System.Globalization.CultureInfo.InvariantCulture));
        found.Order().ShouldBe(numbers);
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path))).IsSound.ShouldBeTrue();
    }
}
