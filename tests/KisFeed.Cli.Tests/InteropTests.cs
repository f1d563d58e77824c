using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace KisFeed.Cli.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against <c>kisfeed simulate</c>.</summary>
public sealed class InteropTests
{
    private const string Missing =
        "the interop test needs Python 3 with websockets and pycryptodome: "
        + "apt-get install python3-websockets python3-pycryptodome, or pip install websockets pycryptodome";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_client_in_another_language_is_served_as_the_protocol_says()
    {
        var python = await FindPythonAsync();
        python.ShouldNotBeNull(Missing);

        await using var simulator = ChildProcess.Start(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll"), "simulate", "--port", "0", "--rate", "200", "--format", "json"]);
        var port = await ReadPortAsync(simulator);

        await using var client = ChildProcess.Start(python, [Path.Combine(InteropFolder(), "test_interop.py"), "--port", $"{port}"]);
        var ended = await client.WaitForExitAsync(s_runLimit);

        var report = $"{client.Output}{client.Errors}\nthe simulator said:\n{simulator.Output}{simulator.Errors}";
        ended.ShouldBeTrue($"the Python client did not end\n{report}");
        client.ExitCode.ShouldBe(0, report);
        client.Output.ShouldContain("ok   ", Case.Sensitive, report);
    }

    private static async Task<int> ReadPortAsync(ChildProcess simulator)
    {
        var line = await simulator.FirstLineAsync(s_startLimit);
        line.ShouldNotBeNull($"kisfeed simulate did not say its port: {simulator.Output}{simulator.Errors}");
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("port").GetInt32();
    }

    // Debian's packages belong to Debian's interpreter, and another one may stand before it on the path.
    private static async Task<string?> FindPythonAsync()
    {
        foreach (var candidate in (string[])["/usr/bin/python3", "python3", "python"])
        {
            try
            {
                await using var probe = ChildProcess.Start(candidate, ["-c", "import sys; sys.path.insert(0, sys.argv[1]); import kis_client", InteropFolder()]);
                if (await probe.WaitForExitAsync(s_startLimit) && probe.ExitCode == 0)
                    return candidate;
            }
            catch (Win32Exception)
            {
                // There is no such interpreter; the next may do.
            }
        }

        return null;
    }

    private static string InteropFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KisFeed.slnx")))
            folder = folder.Parent;
        folder.ShouldNotBeNull("the tests run outside the repository");
        return Path.Combine(folder.FullName, "tests", "interop");
    }

    /// <summary>A process that ends with the test, its output kept.</summary>
    private sealed class ChildProcess : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _output = new();
        private readonly StringBuilder _errors = new();
        private readonly Channel<string> _firstLine = Channel.CreateBounded<string>(1);

        private ChildProcess(Process process) => _process = process;

        public int ExitCode => _process.ExitCode;

        public string Output => Copy(_output);

        public string Errors => Copy(_errors);

        public static ChildProcess Start(string file, IEnumerable<string> arguments)
        {
            var start = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            };
            start.Environment["PYTHONIOENCODING"] = "utf-8";
            start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
            var child = new ChildProcess(new Process { StartInfo = start });
            child._process.OutputDataReceived += (_, e) => child.Take(child._output, e.Data);
            child._process.ErrorDataReceived += (_, e) => Append(child._errors, e.Data);
            child._process.Start();
            child._process.BeginOutputReadLine();
            child._process.BeginErrorReadLine();
            return child;
        }

        public async Task<string?> FirstLineAsync(TimeSpan limit)
        {
            using var timeout = new CancellationTokenSource(limit);
            try
            {
                return await _firstLine.Reader.WaitToReadAsync(timeout.Token) && _firstLine.Reader.TryRead(out var line) ? line : null;
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        public async Task<bool> WaitForExitAsync(TimeSpan limit)
        {
            using var timeout = new CancellationTokenSource(limit);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }

            _process.Dispose();
        }

        private static void Append(StringBuilder text, string? line)
        {
            if (line is null)
                return;
            lock (text)
                text.AppendLine(line);
        }

        private static string Copy(StringBuilder text)
        {
            lock (text)
                return text.ToString();
        }

        // The end of the output, where the process ends without a line, comes as null.
        private void Take(StringBuilder text, string? line)
        {
            Append(text, line);
            if (line is not null)
                _firstLine.Writer.TryWrite(line);
            _firstLine.Writer.TryComplete();
        }
    }
}
