class FilesController < ApplicationController
  # A file of the form.
  def upload
    file = params.require(:file)
    data = file.read
    render json: {
      name: file.original_filename, size: data.bytesize, sha256: Digest::SHA256.hexdigest(data)
    }
  end

  # Each of the 256 bytes there are.
  def download
    send_data (0..255).to_a.pack("C*"), filename: "bytes.bin"
  end
end
