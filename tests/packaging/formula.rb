# What of Homebrew the formula uses, in a few lines: reads it as each platform would, compares the checksum with the
# archive it names, and installs that. Knows nothing else of Homebrew.
#   ruby formula.rb FORMULA ARCHIVES

require "digest"
require "fileutils"
require "tmpdir"

# The class that formulas are made from.
class Formula
  class << self
    attr_accessor :platform
    attr_reader :stated

    def state(name, value)
      (@stated ||= {})[name] = value
    end

    %i[desc homepage version license url sha256].each do |name|
      define_method(name) { |value| state(name, value) }
    end

    { on_macos: "macos", on_linux: "linux", on_arm: "arm", on_intel: "intel" }.each do |name, part|
      define_method(name) { |&block| class_eval(&block) if Formula.platform.include?(part) }
    end

    # Declared here, run by Homebrew.
    def service(&block); end
    def test(&block); end
  end

  # The folder of commands.
  Bin = Struct.new(:folder) do
    def install(name)
      FileUtils.install(name, folder, mode: 0o755)
    end
  end

  def bin
    Bin.new(Dir.mktmpdir)
  end
end

formula, archives = ARGV
%w[macos linux].product(%w[arm intel]).each do |platform|
  Formula.platform = platform
  Object.send(:remove_const, :EcsLocal) if Object.const_defined?(:EcsLocal)
  load formula
  stated = EcsLocal.stated
  archive = File.join(archives, File.basename(stated[:url]))
  abort "#{platform}: another checksum" unless Digest::SHA256.file(archive).hexdigest == stated[:sha256]
  Dir.mktmpdir do |folder|
    system("tar", "-xzf", archive, "-C", folder, "--strip-components=1", exception: true)
    Dir.chdir(folder) { EcsLocal.new.install }
  end
  puts "#{platform.join(" ")}: #{File.basename(archive)}"
end
