namespace KisFeed.Cli.Tests.Running;

/// <summary>The result of a command that was run in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>The rows of CSV with CRLF line ends (RFC 4180).</summary>
    public string[] Rows
    {
        get
        {
            Output.ShouldEndWith("\r\n");
            string[] rows = Output[..^2].Split("\r\n");
            rows.ShouldAllBe(row => !row.Contains('\n'));
            return rows;
        }
    }

    public string[] Lines => Output.Length == 0 ? [] : Output.TrimEnd('\n').Split('\n');

    public JsonElement[] Objects => [.. Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>Asserts that the command failed, with a text in its message. Wrong usage writes no data.</summary>
    public void ShouldFail(int exitCode, string message)
    {
        ExitCode.ShouldBe(exitCode, Error);
        Error.ShouldContain(message);
        if (exitCode == Cli.Hosting.ExitCode.Usage)
            Output.ShouldBeEmpty();
    }

    public static Task<CommandRun> WithInputAsync(string input, params string[] arguments) =>
        WithInputAsync(Encoding.UTF8.GetBytes(input), arguments);

    public static async Task<CommandRun> WithInputAsync(byte[] input, params string[] arguments)
    {
        using var stream = new MemoryStream(input);
        return await RunAsync(stream, arguments);
    }

    public static Task<CommandRun> OfAsync(params string[] arguments) => RunAsync(Stream.Null, arguments);

    /// <summary>Runs the command with environment variables.</summary>
    public static Task<CommandRun> WithVariablesAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        RunAsync(Stream.Null, arguments, variables);

    /// <summary>Runs the command with environment variables and a home folder.</summary>
    public static Task<CommandRun> WithHomeAsync(string home, IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        RunAsync(Stream.Null, arguments, variables, home);

    /// <summary>Runs the command until all given texts have been written, and then cancels it like Ctrl-C.</summary>
    public static async Task<CommandRun> UntilAsync(
        string[] texts, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        await using var command = RunningCommand.Start(variables, arguments);
        await command.WaitForOutputAsync(output => texts.All(text => output.Contains(text, StringComparison.Ordinal)));
        return await command.InterruptAsync();
    }

    /// <summary>Runs the command until it ends by itself or is cancelled.</summary>
    /// <exception cref="TimeoutException">The command did not end by itself. The message has its output.</exception>
    public static async Task<CommandRun> RunAsync(
        Stream input,
        string[] arguments,
        IReadOnlyDictionary<string, string>? variables = null,
        string? home = null,
        CancellationToken cancellationToken = default)
    {
        using var output = new MemoryStream();
        await using var error = new StringWriter { NewLine = "\n" };
        var host = new CommandHost
        {
            Input = input,
            Output = output,
            Error = TextWriter.Synchronized(error),
            Variable = name => variables?.GetValueOrDefault(name),
            HomeFolder = home,
            Reconnect = QuickReconnect.Policy,
        };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(Patience.Limit);
        var code = await CommandLine.RunAsync(arguments, host, ending.Token).WaitAsync(2 * Patience.Limit, CancellationToken.None);
        var run = new CommandRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
        return ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested
            ? throw new TimeoutException(
                $"'kisfeed {string.Join(' ', arguments)}' did not end within {Patience.Limit}:\n{run.Error}{run.Output}")
            : run;
    }
}
