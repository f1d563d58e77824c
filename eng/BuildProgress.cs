using System;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a line of progress to standard error every two seconds until the build ends. MSBuild compiles this file when it runs
/// BuildProgress.targets.
/// </summary>
public sealed class ShowBuildProgress : Task
{
    /// <summary>The folder whose subfolders are the projects.</summary>
    public string Projects { get; set; }

    /// <summary>The folder in which each project has a folder for its intermediate output.</summary>
    public string IntermediateOutputs { get; set; }

    public override bool Execute()
    {
        var engine = (IBuildEngine4)BuildEngine;
        if (engine.GetRegisteredTaskObject(nameof(ShowBuildProgress), RegisteredTaskObjectLifetime.Build) is null)
            engine.RegisterTaskObject(
                nameof(ShowBuildProgress),
                new Reporter(Projects, IntermediateOutputs),
                RegisteredTaskObjectLifetime.Build,
                allowEarlyCollection: false);
        return true;
    }

    // MSBuild disposes of it when the build ends, whether it succeeded or not.
    private sealed class Reporter : IDisposable
    {
        private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

        private readonly DateTime _start = DateTime.UtcNow;
        private readonly string[] _projects;
        private readonly string _outputs;
        private readonly Timer _timer;

        public Reporter(string folder, string outputs)
        {
            _projects = Directory.GetDirectories(folder).Select(Path.GetFileName).ToArray();
            _outputs = outputs;
            _timer = new Timer(_ => Report(), null, s_interval, s_interval);
        }

        public void Dispose()
        {
            _timer.Dispose();
            if (!Console.IsErrorRedirected)
                Console.Error.Write("\r\u001b[K");
        }

        private void Report()
        {
            var seconds = (DateTime.UtcNow - _start).TotalSeconds;
            var text = $"Building KisFeed: {_projects.Count(IsBuilt)} of {_projects.Length} projects, {seconds:F0} s";
            if (Console.IsErrorRedirected)
                Console.Error.WriteLine(text);
            else
                Console.Error.Write($"\r{text}\u001b[K");
        }

        private bool IsBuilt(string project)
        {
            var folder = Path.Combine(_outputs, project);
            return Directory.Exists(folder)
                && Directory.EnumerateFiles(folder, project + ".dll", SearchOption.AllDirectories)
                    .Any(file => File.GetLastWriteTimeUtc(file) > _start);
        }
    }
}
